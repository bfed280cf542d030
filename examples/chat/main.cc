// A chat with rooms, on the page that it serves itself.
#include <charconv>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#include "handlers.h"

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
    std::fprintf(stderr, "usage: chat [port [address]]\n");
    return 2;
  }
  if (argc > 2) options.host = argv[2];
  options.threads = 2;
  options.socketio.client_files = CHAT_CLIENT;  // served as /socket.io/socket.io.min.js
  options.socketio.engine.max_payload = 20'000;
  options.socketio.engine.packets_per_second = 20;  // who sends more for long is cut off
  options.socketio.engine.packet_burst = 200;

  chat::Lobby lobby;
  socketio::App app(options);
  socketio::Namespace& nsp = app.Of("/");
  app.Recover(nsp);
  chat::AddHandlers(nsp, lobby);
  const std::string page = CHAT_PAGE;
  for (const auto& [path, file] : {std::pair("/", "/index.html"), {"/chat.js", "/chat.js"},
                                   {"/chat.css", "/chat.css"}, {"/icon.svg", "/icon.svg"}}) {
    const auto served = app.ServeFile(path, page + file);
    if (!served) {
      std::fprintf(stderr, "chat: %s\n", served.error().detail.c_str());
      return 1;
    }
  }
  return app.Run();
}
