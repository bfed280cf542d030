// The smallest useful server: what a client sends comes back to it, binary too.
#include <charconv>
#include <cstdio>
#include <string_view>
#include <trackwire/socketio/socketio.h>

namespace socketio = trackwire::socketio;

namespace {

bool ParsePort(std::string_view text, uint16_t& port) {
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, port);
  return error == std::errc() && rest == end;
}

}  // namespace

int main(int argc, char** argv) {
  socketio::AppOptions options;
  if (argc > 1 && !ParsePort(argv[1], options.port)) {
    std::fprintf(stderr, "usage: echo [port]\n");
    return 2;
  }
  options.socketio.engine.cors.origins = {"*"};  // pages of any site may connect
  socketio::App app(options);

  // Any arguments: as an acknowledgement to who asked for one, else as an event.
  app.Of("/").On("echo", [](socketio::Socket& socket, socketio::Args all, socketio::Ack ack) {
    if (ack) return ack(all);
    socket.Emit("echo", all);
  });
  // Two numbers. Who sends something else is not answered.
  app.Of("/").On("add", [](double a, double b, socketio::Ack sum) { sum(a + b); });
  return app.Run();
}
