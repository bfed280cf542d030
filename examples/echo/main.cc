// The smallest useful server: whatever a client sends comes back to it, binary too.
#include <cstdlib>
#include <trackwire/socketio/app.h>

namespace socketio = trackwire::socketio;

namespace {

/// The arguments of an event, as they came.
socketio::Args Same(const socketio::Event& event) {
  socketio::Args args;
  args.json = event.args_json.substr(1, event.args_json.size() - 2);
  args.attachments.assign(event.attachments.begin(), event.attachments.end());
  return args;
}

}  // namespace

int main(int argc, char** argv) {
  socketio::AppOptions options;
  if (argc > 1) options.port = static_cast<uint16_t>(std::atoi(argv[1]));
  options.socketio.engine.cors.origins = {"*"};  // pages of any site may connect
  socketio::App app(options);

  app.Of("/").OnAny(
      [](socketio::Socket& socket, const socketio::Event& event, socketio::AckFn ack) {
        if (ack) return ack(Same(event));
        socket.Emit(event.name, Same(event));
      });
  return app.Run();
}
