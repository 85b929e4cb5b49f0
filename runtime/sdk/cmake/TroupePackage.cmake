set(TROUPE_SDK_CMAKE_DIR "${CMAKE_CURRENT_LIST_DIR}")
set(TROUPE_PACKAGES_DIR "${CMAKE_BINARY_DIR}/packages" CACHE PATH "Folder that gets <name>-<version>/ of each package")

# The small program that asks a built library for its classes. One for each project, built when a package needs it.
function(_troupe_describe_tool)
  if(NOT TARGET troupe_describe_package)
    add_executable(troupe_describe_package EXCLUDE_FROM_ALL "${TROUPE_SDK_CMAKE_DIR}/describe_package.cpp")
    target_compile_features(troupe_describe_package PRIVATE cxx_std_17)
    target_link_libraries(troupe_describe_package PRIVATE ${CMAKE_DL_LIBS})
  endif()
endfunction()

# Two versions of one package share a process only if nothing of one can bind to the other: by default GNU unique symbols
# (inline variables, statics of templates) are merged even between libraries opened with RTLD_LOCAL.
function(_troupe_library_flags target)
  set_target_properties(${target} PROPERTIES
    PREFIX "" SUFFIX ".so" CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  target_compile_options(${target} PRIVATE
    $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>)
  target_link_options(${target} PRIVATE -Wl,-Bsymbolic)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang" OR NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize")
    target_link_options(${target} PRIVATE -Wl,-z,defs)
  endif()
endfunction()

#[[
  troupe_package(<name>
    VERSION <version>            # PEP 440, as in 1.2.0 or 1.3.0rc1
    SOURCES <file>...            # exactly one of them holds TROUPE_PACKAGE(...)
    CLASSES <class>...           # what TROUPE_PACKAGE adds; the build fails if the two differ
    [REQUIRES <requirement>...]  # other packages, as in "auxiliaries >=1.0, <2"
    [LIBRARIES <target>...]      # to link into the package
    [FILES <file>...]            # data to deliver with it
    [DESCRIPTION <text>]
    [ISOLATION process]          # only one version of it may live in a process
    [TARGET <target>])           # the CMake target; default: the name

  Builds the shared library and the folder ${TROUPE_PACKAGES_DIR}/<name>-<version>/ with the library and manifest.json.
  Sources see TROUPE_PACKAGE_NAME and TROUPE_PACKAGE_VERSION as string literals.
]]
function(troupe_package name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "VERSION;DESCRIPTION;ISOLATION;TARGET"
                        "SOURCES;CLASSES;REQUIRES;LIBRARIES;FILES")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "troupe_package(${name}): unknown arguments: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  foreach(needed VERSION SOURCES CLASSES)
    if("${arg_${needed}}" STREQUAL "")
      message(FATAL_ERROR "troupe_package(${name}): ${needed} is missing")
    endif()
  endforeach()
  if(NOT name MATCHES "^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$")
    message(FATAL_ERROR "troupe_package(${name}): a name has letters, digits, '.', '_' and '-', and begins and ends with a letter or digit")
  endif()
  if(NOT arg_VERSION MATCHES "^([0-9]+!)?[0-9]+(\\.[0-9]+)*((a|b|rc)[0-9]+)?(\\.post[0-9]+)?(\\.dev[0-9]+)?$")
    message(FATAL_ERROR "troupe_package(${name}): VERSION ${arg_VERSION} is not of the form 1.2.0, 1.2.0rc1, 1.2.0.post1 or 1.2.0.dev1")
  endif()
  if(arg_ISOLATION AND NOT arg_ISOLATION STREQUAL "process")
    message(FATAL_ERROR "troupe_package(${name}): ISOLATION is 'process' or left out, not ${arg_ISOLATION}")
  endif()
  if(NOT arg_TARGET)
    set(arg_TARGET ${name})
  endif()

  _troupe_describe_tool()
  add_library(${arg_TARGET} MODULE ${arg_SOURCES})
  _troupe_library_flags(${arg_TARGET})
  set_target_properties(${arg_TARGET} PROPERTIES OUTPUT_NAME ${name} LIBRARY_OUTPUT_DIRECTORY
                        "${CMAKE_CURRENT_BINARY_DIR}/${arg_TARGET}.lib")
  target_compile_definitions(${arg_TARGET} PRIVATE "TROUPE_PACKAGE_NAME=\"${name}\""
                             "TROUPE_PACKAGE_VERSION=\"${arg_VERSION}\"")
  target_link_libraries(${arg_TARGET} PRIVATE Troupe::sdk ${arg_LIBRARIES})
  add_dependencies(${arg_TARGET} troupe_describe_package)

  set(folder "${TROUPE_PACKAGES_DIR}/${name}-${arg_VERSION}")
  set(files "")
  foreach(file ${arg_FILES})
    get_filename_component(file "${file}" ABSOLUTE)
    list(APPEND files "${file}")
  endforeach()
  set(facts "${CMAKE_CURRENT_BINARY_DIR}/${arg_TARGET}.lib/package-$<CONFIG>.cmake")
  file(GENERATE OUTPUT "${facts}" CONTENT "set(name [==[${name}]==])
set(version [==[${arg_VERSION}]==])
set(description [==[${arg_DESCRIPTION}]==])
set(isolation [==[${arg_ISOLATION}]==])
set(classes [==[${arg_CLASSES}]==])
set(requires [==[${arg_REQUIRES}]==])
set(files [==[${files}]==])
set(library [==[$<TARGET_FILE:${arg_TARGET}>]==])
set(tool [==[$<TARGET_FILE:troupe_describe_package>]==])
set(folder [==[${folder}]==])
")
  add_custom_command(TARGET ${arg_TARGET} POST_BUILD
    COMMAND ${CMAKE_COMMAND} "-Dfacts=${facts}" -P "${TROUPE_SDK_CMAKE_DIR}/write_manifest.cmake"
    COMMENT "Package ${name} ${arg_VERSION}: ${folder}" VERBATIM)
  # Changed facts or data files must reach the manifest although no source changed.
  set_property(TARGET ${arg_TARGET} APPEND PROPERTY LINK_DEPENDS "${facts};${files}")
  install(DIRECTORY "${folder}" DESTINATION .)
endfunction()
