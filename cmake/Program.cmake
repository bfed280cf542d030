# The layers that know of tracking, and the program; each may use those above it.
trackwire_layer(tracking DEPENDS trackwire::base)
trackwire_layer(formats DEPENDS trackwire::tracking Boost::json protobuf::libprotobuf EXPAT::EXPAT
    ZLIB::ZLIB)
trackwire_protobuf(trackwire_formats src/formats/gtfs_realtime.proto)
trackwire_layer(store DEPENDS trackwire::tracking trackwire::sqlite PostgreSQL::PostgreSQL
    Boost::json)
trackwire_layer(outbound DEPENDS trackwire::net CURL::libcurl)
trackwire_layer(auth DEPENDS trackwire::broker OpenSSL::Crypto CURL::libcurl Boost::json
    PkgConfig::ARGON2)
trackwire_layer(geocoding DEPENDS trackwire::broker trackwire::outbound Boost::json)
trackwire_layer(ingest DEPENDS trackwire::store trackwire::broker)
trackwire_layer(notify DEPENDS trackwire::ingest trackwire::geocoding trackwire::auth
    trackwire::socketio)
trackwire_layer(graphql DEPENDS trackwire::base Boost::json)
trackwire_layer(api DEPENDS trackwire::graphql trackwire::notify trackwire::formats Boost::json
    ZLIB::ZLIB)
trackwire_embed(trackwire_api src/api/schema.graphql kSchemaText)
trackwire_embed(trackwire_api docs/openapi.json kOpenapiText)
trackwire_layer(fetcher DEPENDS trackwire::ingest trackwire::formats trackwire::outbound Boost::json
    ZLIB::ZLIB)
trackwire_layer(gateway DEPENDS trackwire::api trackwire::fetcher trackwire::cluster
    tomlplusplus::tomlplusplus)
set_source_files_properties(src/gateway/version.cc PROPERTIES
    COMPILE_DEFINITIONS TRACKWIRE_VERSION="${PROJECT_VERSION}")
trackwire_layer(cli DEPENDS trackwire::gateway CLI11::CLI11 CURL::libcurl)

add_executable(trackwire src/cli/main.cc)
target_link_libraries(trackwire PRIVATE trackwire::cli trackwire::compiler)
