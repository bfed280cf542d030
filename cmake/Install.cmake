# cmake --install: the component `development` (headers, static libraries, a CMake package) and the
# component `program` (trackwire, its page and its data).
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(TRACKWIRE_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/trackwire)

# trackwire_install(COMPONENT targets...): libraries that find_package() offers as a component.
function(trackwire_install component)
  install(TARGETS ${ARGN} EXPORT trackwire_${component} COMPONENT development
      ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
      INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(EXPORT trackwire_${component} NAMESPACE trackwire:: COMPONENT development
      FILE trackwire-${component}.cmake DESTINATION ${TRACKWIRE_PACKAGE_DIR})
endfunction()

trackwire_install(engineio trackwire_asio trackwire_base trackwire_net trackwire_engineio)
trackwire_install(socketio trackwire_socketio)
trackwire_install(cluster trackwire_sqlite trackwire_broker trackwire_cluster)

# Under include/trackwire/ alone, so that nobody's own net/ or base/ comes in between.
install(CODE "
    set(source ${CMAKE_SOURCE_DIR}/src)
    set(staging ${CMAKE_BINARY_DIR}/install/include)
    include(${CMAKE_SOURCE_DIR}/cmake/StageHeaders.cmake)"
    COMPONENT development)
install(DIRECTORY ${CMAKE_BINARY_DIR}/install/include/ COMPONENT development
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

set(TRACKWIRE_SHARE ${CMAKE_INSTALL_DATADIR}/trackwire)
set(TRACKWIRE_CLIENT ${TRACKWIRE_SHARE}/socket.io-client)
configure_package_config_file(cmake/trackwireConfig.cmake.in
    ${CMAKE_BINARY_DIR}/install/trackwireConfig.cmake
    INSTALL_DESTINATION ${TRACKWIRE_PACKAGE_DIR} PATH_VARS TRACKWIRE_CLIENT
    NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/install/trackwireConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/install/trackwireConfig.cmake
    ${CMAKE_BINARY_DIR}/install/trackwireConfigVersion.cmake
    COMPONENT development DESTINATION ${TRACKWIRE_PACKAGE_DIR})

# Made by script/setup, for all builds at once.
set(TRACKWIRE_PAGE ${CMAKE_SOURCE_DIR}/build/release/web)
set(TRACKWIRE_GEODATA ${CMAKE_SOURCE_DIR}/build/geodata/geocoding.bin)
set(TRACKWIRE_CLIENT_FROM ${CMAKE_SOURCE_DIR}/build/socket.io-client)
function(trackwire_warn_unless component made)
  install(CODE "
      if(NOT EXISTS ${made})
        message(WARNING \"Not there, so not installed (script/setup makes it): ${made}\")
      endif()"
      COMPONENT ${component})
endfunction()

set(components development)
if(TRACKWIRE_PROGRAM)
  # The program looks for these in ../share/trackwire (src/gateway/install_paths.h).
  install(TARGETS trackwire COMPONENT program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(FILES ${CMAKE_SOURCE_DIR}/data/ais-us-west-2022-01-03.csv.gz
      ${CMAKE_SOURCE_DIR}/data/README.md
      COMPONENT program DESTINATION ${TRACKWIRE_SHARE}/data)
  trackwire_warn_unless(program ${TRACKWIRE_PAGE}/index.html)
  trackwire_warn_unless(program ${TRACKWIRE_GEODATA})
  install(DIRECTORY ${TRACKWIRE_PAGE} COMPONENT program DESTINATION ${TRACKWIRE_SHARE} OPTIONAL)
  install(FILES ${TRACKWIRE_GEODATA} COMPONENT program DESTINATION ${TRACKWIRE_SHARE} OPTIONAL)
  list(APPEND components program)
endif()

foreach(component IN LISTS components)
  trackwire_warn_unless(${component} ${TRACKWIRE_CLIENT_FROM}/socket.io.min.js)
  install(DIRECTORY ${TRACKWIRE_CLIENT_FROM} COMPONENT ${component} DESTINATION ${TRACKWIRE_SHARE}
      OPTIONAL)
  install(FILES LICENSE THIRD_PARTY_NOTICES.md
      COMPONENT ${component} DESTINATION ${CMAKE_INSTALL_DOCDIR})
endforeach()
