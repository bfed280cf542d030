# trackwire_layer(NAME [WITHOUT files...] DEPENDS targets...): one directory under src/ as the
# library trackwire::NAME, made of every .cc in it and below it.
function(trackwire_layer name)
  cmake_parse_arguments(LAYER "" "" "WITHOUT;DEPENDS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cc)
  list(TRANSFORM LAYER_WITHOUT PREPEND ${CMAKE_SOURCE_DIR}/src/${name}/)
  list(REMOVE_ITEM sources ${CMAKE_SOURCE_DIR}/src/cli/main.cc ${LAYER_WITHOUT})
  trackwire_library(${name} SOURCES ${sources} DEPENDS ${LAYER_DEPENDS})
endfunction()

# trackwire_library(NAME SOURCES files... DEPENDS targets...): the static library trackwire::NAME.
function(trackwire_library name)
  cmake_parse_arguments(LIBRARY "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(trackwire_${name} STATIC ${LIBRARY_SOURCES})
  add_library(trackwire::${name} ALIAS trackwire_${name})
  set_target_properties(trackwire_${name} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(trackwire_${name} PUBLIC cxx_std_20)
  target_include_directories(trackwire_${name} PUBLIC $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/src>)
  # Our own flags stay here: who uses an installed library has its own.
  target_link_libraries(trackwire_${name} PUBLIC ${LIBRARY_DEPENDS}
      PRIVATE $<BUILD_INTERFACE:trackwire::compiler>)
  trackwire_precompile(trackwire_${name})
endfunction()

# The standard headers nearly every file uses, precompiled once per set of flags.
function(trackwire_precompile target)
  if(TRACKWIRE_FUZZ)  # another compiler and its own flags: not worth a second set
    return()
  endif()
  target_precompile_headers(${target} PRIVATE
      <algorithm> <array> <chrono> <cstdint> <functional> <map> <memory> <optional> <span>
      <string> <string_view> <unordered_map> <utility> <variant> <vector>)
endfunction()

# trackwire_embed(TARGET file NAME): the text of a file of the sources as the constant NAME.
function(trackwire_embed target file name)
  set(generated ${CMAKE_BINARY_DIR}/generated/${name}.cc)
  add_custom_command(OUTPUT ${generated}
      COMMAND ${CMAKE_COMMAND} -DFROM=${CMAKE_SOURCE_DIR}/${file} -DTO=${generated} -DNAME=${name}
              -P ${CMAKE_SOURCE_DIR}/cmake/embed.cmake
      DEPENDS ${CMAKE_SOURCE_DIR}/${file} ${CMAKE_SOURCE_DIR}/cmake/embed.cmake VERBATIM)
  target_sources(${target} PRIVATE ${generated})
endfunction()

# trackwire_protobuf(TARGET file.proto): the messages of a .proto file of the sources for one layer,
# as a library without our warnings; `#include "file.pb.h"`.
function(trackwire_protobuf target file)
  get_filename_component(name ${file} NAME_WE)
  get_filename_component(directory ${CMAKE_SOURCE_DIR}/${file} DIRECTORY)
  set(generated ${CMAKE_BINARY_DIR}/generated/${name})
  file(MAKE_DIRECTORY ${generated})
  add_custom_command(OUTPUT ${generated}/${name}.pb.cc ${generated}/${name}.pb.h
      COMMAND protobuf::protoc --proto_path=${directory} --cpp_out=${generated}
              ${CMAKE_SOURCE_DIR}/${file}
      DEPENDS ${CMAKE_SOURCE_DIR}/${file} VERBATIM)
  add_library(${target}_${name} STATIC ${generated}/${name}.pb.cc ${generated}/${name}.pb.h)
  target_include_directories(${target}_${name} SYSTEM PUBLIC ${generated})
  target_link_libraries(${target}_${name} PUBLIC protobuf::libprotobuf)
  target_link_libraries(${target} PRIVATE ${target}_${name})
endfunction()
