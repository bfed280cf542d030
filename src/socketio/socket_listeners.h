#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "socketio/socket.h"

namespace trackwire::socketio {

/// Functions in their order, each with its number. May change while they are called: those taken
/// off are not called any more, those added wait for the next time.
template <typename Function>
class ListenerList {
 public:
  void Add(ListenerId id, Function function, bool in_front = false) {
    items_.insert(in_front ? items_.begin() : items_.end(),
                  std::make_shared<Item>(Item{id, std::move(function)}));
  }
  bool Remove(ListenerId id) {
    const auto found = std::find_if(items_.begin(), items_.end(),
                                    [id](const auto& item) { return item->id == id; });
    if (found == items_.end()) return false;
    (*found)->off = true;
    items_.erase(found);
    return true;
  }
  void Clear() {
    for (const auto& item : items_) item->off = true;
    items_.clear();
  }
  bool empty() const { return items_.empty(); }
  /// Calls `visit` with each function, until it says false: then false too.
  template <typename Visit>
  bool Each(Visit visit) const {
    const auto now = items_;
    for (const auto& item : now) {
      if (!item->off && !visit(item->function)) return false;
    }
    return true;
  }

 private:
  struct Item {
    ListenerId id;
    Function function;
    bool off = false;
  };
  std::vector<std::shared_ptr<Item>> items_;
};

/// What a program set on a single socket. Its shard's thread only.
class SocketListeners {
 public:
  ListenerId NextId() { return ++last_id_; }
  void AddHandler(ListenerId id, std::string event, EventHandler handler, bool once);
  bool Remove(ListenerId id);
  void RemoveHandlers(std::string_view event);

  struct Handler {
    ListenerId id;
    std::string event;
    EventHandler call;
    bool once = false;
    bool off = false;
  };
  /// Those of an event as they are now.
  std::vector<std::shared_ptr<Handler>> HandlersOf(std::string_view event) const;
  /// Whether a handler from HandlersOf() may still be called; takes one off that is for once.
  bool Claim(Handler& handler);

  ListenerList<EventListener> any;
  ListenerList<EventListener> any_outgoing;
  ListenerList<EventMiddleware> middlewares;
  ListenerList<ConnectionHandler> upgrade;
  ListenerList<DisconnectHandler> disconnecting;
  ListenerList<DisconnectHandler> disconnect;

 private:
  std::vector<std::shared_ptr<Handler>> handlers_;
  ListenerId last_id_ = 0;
};

}  // namespace trackwire::socketio
