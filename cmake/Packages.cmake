# The Debian packages the project stands on, and Asio compiled once.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(spdlog REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
if(TRACKWIRE_PROGRAM)
  find_package(Boost 1.81 REQUIRED COMPONENTS json)
  find_package(CURL REQUIRED)
  find_package(PostgreSQL REQUIRED)
  find_package(EXPAT REQUIRED)
  find_package(Protobuf REQUIRED)
  find_package(tomlplusplus REQUIRED)
  find_package(CLI11 REQUIRED)
  pkg_check_modules(ARGON2 REQUIRED IMPORTED_TARGET libargon2)
endif()

# Asio's own code is compiled in one translation unit instead of in each that includes it. No public
# header includes it, so users of the installed libraries need no Boost; those who have it anyway
# learn that the code is here.
add_library(trackwire_asio STATIC ${CMAKE_SOURCE_DIR}/cmake/asio.cc)
add_library(trackwire::asio ALIAS trackwire_asio)
set_target_properties(trackwire_asio PROPERTIES EXPORT_NAME asio)
target_compile_definitions(trackwire_asio PUBLIC BOOST_ASIO_SEPARATE_COMPILATION
    $<BUILD_INTERFACE:BOOST_ASIO_NO_DEPRECATED> $<BUILD_INTERFACE:BOOST_BEAST_USE_STD_STRING_VIEW>)
target_link_libraries(trackwire_asio PUBLIC $<BUILD_INTERFACE:Boost::headers> Threads::Threads
    OpenSSL::SSL PRIVATE $<BUILD_INTERFACE:trackwire::compiler>)
