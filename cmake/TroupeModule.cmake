include(GoogleTest)

# troupe_module(NAME [deps...]): the sources of this folder as the static library troupe_NAME.
function(troupe_module name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(sources)
    add_library(troupe_${name} STATIC ${sources})
    target_include_directories(troupe_${name} PUBLIC ${PROJECT_SOURCE_DIR})
    target_link_libraries(troupe_${name} PUBLIC troupe_sdk ${ARGN})
  else()
    add_library(troupe_${name} INTERFACE)
    target_include_directories(troupe_${name} INTERFACE ${PROJECT_SOURCE_DIR})
    target_link_libraries(troupe_${name} INTERFACE troupe_sdk ${ARGN})
  endif()
endfunction()

# troupe_tests(NAME LABEL [deps...]): the *_test.cpp of this folder as one GoogleTest program with a CTest label.
function(troupe_tests name label)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE ${ARGN} GTest::gtest GTest::gtest_main Threads::Threads)
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60 PROPERTIES LABELS ${label} TIMEOUT 120)
endfunction()

# troupe_subdirectories(): every folder below this one that has a CMakeLists.txt.
function(troupe_subdirectories)
  file(GLOB lists CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*/CMakeLists.txt)
  foreach(list_file ${lists})
    get_filename_component(folder ${list_file} DIRECTORY)
    add_subdirectory(${folder})
  endforeach()
endfunction()
