#include "socketio/typed_handler.h"

#include "base/log.h"
#include "socketio/namespace.h"

namespace trackwire::socketio {

void ArgumentSource::Refuse(Socket& socket, const Event& event) const {
  socket.nsp().RefuseArguments(socket, event, array_.Why());
}

void ArgumentSource::Refuse(std::string_view event) const {
  base::LogWarn("socketio", "another server's arguments do not fit",
                {{"event", event}, {"why", array_.Why()}});
}

}  // namespace trackwire::socketio
