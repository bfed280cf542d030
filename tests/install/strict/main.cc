// All installed headers at once, with a macro that such a program may have.
#define CHECK(condition) the_macro_of_the_program_itself
#include "all_headers.h"

int main() {
  trackwire::net::Loop loop("bus");
  trackwire::cluster::RedisBus::Options options;
  const auto target = trackwire::broker::ParseRedisUrl("redis://127.0.0.1:1");
  if (!target) return 1;
  options.link.target = *target;
  trackwire::cluster::RedisBus bus(loop, options);
  trackwire::socketio::AppOptions app_options;
  app_options.port = 0;
  trackwire::socketio::App app(app_options);
  app.Quit();
  return app.Run();
}
