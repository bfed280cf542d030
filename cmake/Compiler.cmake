# Flags that every target of the project shares, as the target trackwire::compiler.
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # Precompiled headers need the sloppiness; the base directory lets several checkouts share
  # one cache.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE_PROGRAM})
endif()

add_library(trackwire_compiler INTERFACE)
add_library(trackwire::compiler ALIAS trackwire_compiler)
target_compile_options(trackwire_compiler INTERFACE
    -Wall -Wextra -Wpedantic -Werror -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
    -Wnull-dereference -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False alarms of g++ 12 inside the standard library once it inlines.
  target_compile_options(trackwire_compiler INTERFACE
      -fpch-preprocess -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds
      -Wno-maybe-uninitialized -Wno-null-dereference -Wno-dangling-pointer)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")

if(TRACKWIRE_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Asio's fences, which the sanitizer does not see; mutexes guard the same data.
  target_compile_options(trackwire_compiler INTERFACE -Wno-tsan)
endif()
if(TRACKWIRE_SANITIZE)
  target_compile_options(trackwire_compiler INTERFACE
      -fsanitize=${TRACKWIRE_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(trackwire_compiler INTERFACE -fsanitize=${TRACKWIRE_SANITIZE})
endif()
if(TRACKWIRE_FUZZ)
  # Every library tells the fuzzer which branches an input took.
  target_compile_options(trackwire_compiler INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(trackwire_compiler INTERFACE -fsanitize=fuzzer-no-link)
endif()
