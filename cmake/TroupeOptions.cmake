set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

set(TROUPE_SANITIZE "" CACHE STRING "Sanitizers, as given to -fsanitize")

add_compile_options(-Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers)
if(TROUPE_SANITIZE)
  add_compile_options(-fsanitize=${TROUPE_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${TROUPE_SANITIZE})
endif()

# With paths below the source folder made relative, another checkout finds what this one has compiled.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=true ${CCACHE_PROGRAM})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
endif()

# The allocator under the daemon and the nodes, where it is installed: docs/adr/0006. Not with sanitizers, which bring one.
option(TROUPE_MIMALLOC "Link trouped and troupe-node with mimalloc, if it is installed" ON)
find_library(MIMALLOC_LIBRARY mimalloc)

# troupe_allocator(TARGET): malloc and operator new of the program and of the packages it loads come from mimalloc.
function(troupe_allocator target)
  if(TROUPE_MIMALLOC AND MIMALLOC_LIBRARY AND NOT TROUPE_SANITIZE)
    target_link_libraries(${target} PRIVATE -Wl,--push-state,--no-as-needed ${MIMALLOC_LIBRARY} -Wl,--pop-state)
  endif()
endfunction()
