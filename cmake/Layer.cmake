# trackwire_layer(NAME DEPENDS targets...): one directory under src/ as the library
# trackwire::NAME, made of every .cc in it and below it. A layer without sources yet is an
# interface library, so that the list of layers can stand before all of them do.
function(trackwire_layer name)
  cmake_parse_arguments(LAYER "" "" "DEPENDS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cc)
  list(REMOVE_ITEM sources ${CMAKE_SOURCE_DIR}/src/cli/main.cc)
  if(sources)
    add_library(trackwire_${name} STATIC ${sources})
    target_include_directories(trackwire_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(trackwire_${name} PUBLIC ${LAYER_DEPENDS} PRIVATE trackwire::compiler)
    trackwire_precompile(trackwire_${name})
  else()
    add_library(trackwire_${name} INTERFACE)
    target_include_directories(trackwire_${name} INTERFACE ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(trackwire_${name} INTERFACE ${LAYER_DEPENDS})
  endif()
  add_library(trackwire::${name} ALIAS trackwire_${name})
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
