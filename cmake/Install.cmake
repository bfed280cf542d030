# cmake --install: the component `development` (headers, static libraries, a CMake package) and the
# component `program` (trackwire, its page and its data).
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(TRACKWIRE_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/trackwire)

# trackwire_install(COMPONENT TARGETS targets... HEADERS files...): libraries that find_package() offers as
# a component. Of the headers those named are there for users; what they include comes with them.
function(trackwire_install component)
  cmake_parse_arguments(INSTALL "" "" "TARGETS;HEADERS" ${ARGN})
  install(TARGETS ${INSTALL_TARGETS} EXPORT trackwire_${component} COMPONENT development
      ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
      INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(EXPORT trackwire_${component} NAMESPACE trackwire:: COMPONENT development
      FILE trackwire-${component}.cmake DESTINATION ${TRACKWIRE_PACKAGE_DIR})
  set(TRACKWIRE_PUBLIC_HEADERS ${TRACKWIRE_PUBLIC_HEADERS} ${INSTALL_HEADERS} PARENT_SCOPE)
endfunction()

trackwire_install(engineio
    TARGETS trackwire_asio trackwire_base trackwire_net trackwire_engineio
    HEADERS base/json_scanner.h base/log.h base/result.h base/text.h net/http/server.h net/timer.h
            engineio/server.h)
trackwire_install(socketio
    TARGETS trackwire_socketio
    HEADERS socketio/app.h socketio/adapters/classic_adapter.h socketio/adapters/python_manager.h
            socketio/adapters/streams_adapter.h)
trackwire_install(cluster
    TARGETS trackwire_sqlite trackwire_broker trackwire_cluster
    HEADERS cluster/redis_bus.h)

# Under include/trackwire/ alone, so that nobody's own net/ or base/ comes in between.
install(CODE "
    set(source ${CMAKE_SOURCE_DIR}/src)
    set(staging ${CMAKE_BINARY_DIR}/install/include)
    set(headers ${TRACKWIRE_PUBLIC_HEADERS})
    include(${CMAKE_SOURCE_DIR}/cmake/StageHeaders.cmake)"
    COMPONENT development)
install(DIRECTORY ${CMAKE_BINARY_DIR}/install/include/ COMPONENT development
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

configure_package_config_file(cmake/trackwireConfig.cmake.in
    ${CMAKE_BINARY_DIR}/install/trackwireConfig.cmake
    INSTALL_DESTINATION ${TRACKWIRE_PACKAGE_DIR} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/install/trackwireConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/install/trackwireConfig.cmake
    ${CMAKE_BINARY_DIR}/install/trackwireConfigVersion.cmake
    COMPONENT development DESTINATION ${TRACKWIRE_PACKAGE_DIR})

# The program looks for these in ../share/trackwire (src/gateway/install_paths.h).
set(TRACKWIRE_SHARE ${CMAKE_INSTALL_DATADIR}/trackwire)
install(TARGETS trackwire COMPONENT program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES ${CMAKE_SOURCE_DIR}/data/ais-us-west-2022-01-03.csv.gz
    ${CMAKE_SOURCE_DIR}/data/README.md
    COMPONENT program DESTINATION ${TRACKWIRE_SHARE}/data)
# script/setup makes them, for all builds at once.
set(TRACKWIRE_PAGE ${CMAKE_SOURCE_DIR}/build/release/web)
set(TRACKWIRE_GEODATA ${CMAKE_SOURCE_DIR}/build/geodata/geocoding.bin)
install(CODE "
    foreach(made ${TRACKWIRE_PAGE}/index.html ${TRACKWIRE_GEODATA})
      if(NOT EXISTS \${made})
        message(WARNING \"Not there, so not installed (script/setup makes it): \${made}\")
      endif()
    endforeach()"
    COMPONENT program)
install(DIRECTORY ${TRACKWIRE_PAGE} COMPONENT program DESTINATION ${TRACKWIRE_SHARE} OPTIONAL)
install(FILES ${TRACKWIRE_GEODATA} COMPONENT program DESTINATION ${TRACKWIRE_SHARE} OPTIONAL)

foreach(component development program)
  install(FILES LICENSE THIRD_PARTY_NOTICES.md
      COMPONENT ${component} DESTINATION ${CMAKE_INSTALL_DOCDIR})
endforeach()
