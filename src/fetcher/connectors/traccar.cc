#include "fetcher/connectors/traccar.h"

#include <algorithm>
#include <iterator>

#include "fetcher/connectors/service_url.h"
#include "outbound/url.h"

namespace trackwire::fetcher {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstPoll{250};
constexpr milliseconds kLongestPoll{2'000};
constexpr milliseconds kDevicesTimeout{10'000};
constexpr size_t kMaxUnnamed = 1'000;
constexpr std::chrono::seconds kBetweenLearning{10};

/// The newest position of a device, if it is among them.
const formats::TraccarPosition* NewestOf(int64_t device,
                                         const std::vector<formats::TraccarPosition>& positions) {
  const formats::TraccarPosition* newest = nullptr;
  for (const formats::TraccarPosition& position : positions) {
    if (position.device_id != device) continue;
    if (newest == nullptr || position.server_time > newest->server_time) newest = &position;
  }
  return newest;
}

}  // namespace

struct TraccarConnector::Search {
  Search(TraccarConnector& searcher, std::string unique, milliseconds timeout, Done on_done)
      : connector(searcher),
        unique_id(std::move(unique)),
        deadline(timeout),
        done(std::move(on_done)) {}

  TraccarConnector& connector;
  const std::string unique_id;
  const Deadline deadline;
  Done done;
  int64_t device_id = 0;
  WallTime last_server_time{};  // by the server's own clock: ours may differ
  bool sent = false;            // the command; what comes from then on is an answer
  milliseconds poll_after = kFirstPoll;
  net::Timer poll{[](void* self) {
                    auto& search = *static_cast<Search*>(self);
                    auto& owner = search.connector;
                    for (const SearchRef& ref : owner.searches_) {
                      if (ref.get() == &search) return owner.Poll(SearchRef(ref));
                    }
                  },
                  this};
};

TraccarConnector::TraccarConnector(const ConnectorOptions& options, outbound::HttpClient& client,
                                   net::Loop& loop)
    : options_(options), loop_(loop), exchanges_(client, loop) {}

TraccarConnector::~TraccarConnector() = default;

outbound::HttpRequest TraccarConnector::Request(const std::string& path,
                                                milliseconds timeout) const {
  outbound::HttpRequest request;
  request.url = ServiceUrl(server().url, path);
  request.headers = {{"Authorization", "Bearer " + server().token}, {"Accept", "application/json"}};
  request.timeout = timeout;
  request.max_bytes = options_.max_answer_bytes;
  request.allow_private = options_.allow_private;
  return request;
}

void TraccarConnector::Ask(const std::string& path, milliseconds timeout, Reader reader,
                           OnNews done) {
  exchanges_.Send(Request(path, timeout), [reader, done = std::move(done)](auto answer) {
    if (!answer) return done(Err(std::move(answer.error())));
    auto news = reader(answer->body);
    if (!news) return done(Err(FetchErrorOf(news.error())));
    done(std::move(*news));
  });
}

/// What is told of the positions of devices we know.
Fetched TraccarConnector::Named(formats::TraccarNews news) const {
  Fetched fetched;
  fetched.bad = news.bad;
  for (formats::TraccarPosition& position : news.positions) {
    if (devices_.Name(position)) fetched.reports.push_back(std::move(position.report));
    else ++fetched.bad;
  }
  return fetched;
}

void TraccarConnector::FetchAll(milliseconds timeout, Done done) {
  const Deadline deadline(timeout);
  Ask("/api/devices", timeout, &formats::ReadTraccarDevices,
      [this, deadline, done = std::move(done)](auto devices) {
        if (!devices) return done(Err(std::move(devices.error())));
        const uint64_t bad_devices = devices->bad;
        devices_.Replace(std::move(devices->devices));
        Ask("/api/positions", deadline.left(), &formats::ReadTraccarPositions,
            [this, bad_devices, done](auto positions) {
              if (!positions) return done(Err(std::move(positions.error())));
              Fetched fetched = Named(std::move(*positions));
              fetched.bad += bad_devices;
              done(std::move(fetched));
            });
      });
}

void TraccarConnector::FetchOne(const std::string& external_id, milliseconds timeout, Done done) {
  const auto search = std::make_shared<Search>(*this, external_id, timeout, std::move(done));
  searches_.push_back(search);
  FindDevice(search);
}

void TraccarConnector::FindDevice(const SearchRef& search) {
  if (const auto id = devices_.IdOf(search->unique_id)) {
    search->device_id = *id;
    return NoteLast(search);
  }
  Ask("/api/devices?uniqueId=" + outbound::PercentEncode(search->unique_id),
      search->deadline.left(), &formats::ReadTraccarDevices, [this, search](auto devices) {
        if (!devices) return End(search, Err(std::move(devices.error())));
        devices_.Learn(std::move(devices->devices));
        const auto id = devices_.IdOf(search->unique_id);
        if (!id) {
          return End(search, Err(FetchError{"not_found", "the server knows no such device", {}}));
        }
        search->device_id = *id;
        NoteLast(search);
      });
}

/// What the server has already is no answer to the question that comes now.
void TraccarConnector::NoteLast(const SearchRef& search) {
  Ask("/api/positions?deviceId=" + std::to_string(search->device_id), search->deadline.left(),
      &formats::ReadTraccarPositions, [this, search](auto positions) {
        if (!positions) return End(search, Err(std::move(positions.error())));
        const auto* last = NewestOf(search->device_id, positions->positions);
        if (last != nullptr) search->last_server_time = last->server_time;
        SendCommand(search);
      });
}

void TraccarConnector::SendCommand(const SearchRef& search) {
  auto request = Request("/api/commands/send", search->deadline.left());
  request.method = "POST";
  request.headers.emplace_back("Content-Type", "application/json");
  request.body = "{\"deviceId\":" + std::to_string(search->device_id) +
                 ",\"type\":\"positionSingle\",\"attributes\":{}}";
  search->sent = true;
  exchanges_.Send(std::move(request), [this, search](auto answer) {
    if (!search->done) return;  // the position was faster than the answer
    if (!answer) {
      if (IsStatus(answer.error(), 400)) {
        return End(search, Err(FetchError{"unsupported", "the device takes no such command", {}}));
      }
      return End(search, Err(std::move(answer.error())));
    }
    search->poll.Start(loop_.timers(), std::min(search->poll_after, search->deadline.left()));
  });
}

void TraccarConnector::Poll(const SearchRef& search) {
  if (search->deadline.passed()) {
    return End(search, Err(FetchError{"no_fix", "the device did not tell where it is in time", {}}));
  }
  Ask("/api/positions?deviceId=" + std::to_string(search->device_id), search->deadline.left(),
      &formats::ReadTraccarPositions, [this, search](auto positions) {
        if (!search->done) return;
        if (positions && Take(search, positions->positions)) return;
        // The server may be slow for once: the deadline decides.
        const bool hopeless = !positions && positions.error().code == "unauthorized";
        if (hopeless) return End(search, Err(std::move(positions.error())));
        search->poll_after = std::min(kLongestPoll, search->poll_after * 2);
        search->poll.Start(loop_.timers(), std::min(search->poll_after, search->deadline.left()));
      });
}

bool TraccarConnector::Take(const SearchRef& search,
                            const std::vector<formats::TraccarPosition>& positions) {
  for (const formats::TraccarPosition& position : positions) {
    const bool news = position.device_id == search->device_id && position.report.has_place &&
                      position.server_time > search->last_server_time;
    if (!news || !search->sent) continue;
    formats::TraccarPosition named = position;
    devices_.Name(named);
    Fetched fetched;
    fetched.reports.push_back(std::move(named.report));
    End(search, std::move(fetched));
    return true;
  }
  return false;
}

void TraccarConnector::End(const SearchRef& search, Result<Fetched, FetchError> outcome) {
  if (!search->done) return;
  search->poll.Cancel();
  const SearchRef keep = search;
  std::erase(searches_, keep);
  const Done done = std::move(keep->done);
  keep->done = nullptr;
  done(std::move(outcome));
}

void TraccarConnector::Listen(Listener listener) {
  listener_ = std::move(listener);
  outbound::WebSocketRequest request;
  // http becomes ws, https wss. The socket takes its token from the query alone.
  request.url = "ws" + ServiceUrl(server().url, "/api/socket").substr(4) +
                "?token=" + outbound::PercentEncode(server().token);
  request.max_message_bytes = options_.max_answer_bytes;
  request.allow_private = options_.allow_private;
  request.ca_file = options_.ca_file;
  outbound::WebSocketClient::Events events;
  events.on_open = [this] {
    const auto on_line = listener_.on_line;
    on_line(true, "");
  };
  events.on_message = [this](std::string_view text) { OnMessage(text); };
  events.on_end = [this](Error error) {
    socket_.reset();
    const auto on_line = listener_.on_line;
    on_line(false, error.code);
  };
  socket_ = outbound::OpenWebSocket(loop_, std::move(request), std::move(events));
}

void TraccarConnector::OnMessage(std::string_view text) {
  auto news = formats::ReadTraccarMessage(text);
  if (!news) {
    Fetched unreadable;
    unreadable.bad = 1;
    const auto on_reports = listener_.on_reports;
    return on_reports(std::move(unreadable));
  }
  devices_.Learn(std::move(news->devices));
  if (news->positions.empty() && news->bad == 0) return;
  const auto unknown = std::stable_partition(
      news->positions.begin(), news->positions.end(), [this](const auto& position) {
        return devices_.Find(position.device_id) != nullptr;
      });
  if (unknown != news->positions.end()) {
    std::move(unknown, news->positions.end(), std::back_inserter(unnamed_));
    news->positions.erase(unknown, news->positions.end());
    LearnDevices();
    // The oldest go: what comes after them says the same, newer.
    const size_t most = learning_ ? kMaxUnnamed : 0;
    if (unnamed_.size() > most) {
      news->bad += unnamed_.size() - most;
      unnamed_.erase(unnamed_.begin(), unnamed_.end() - static_cast<std::ptrdiff_t>(most));
    }
  }
  if (!news->positions.empty() || news->bad > 0) OnPositions(std::move(*news));
}

/// Hands them to those who search and to the listener, which may destroy this.
void TraccarConnector::OnPositions(formats::TraccarNews news) {
  const auto weak = exchanges_.weak();
  const std::vector<SearchRef> searches = searches_;
  for (const SearchRef& search : searches) {
    Take(search, news.positions);
    if (weak.expired()) return;
  }
  const auto on_reports = listener_.on_reports;
  on_reports(Named(std::move(news)));
}

/// Positions may come of a device that was made since the list was asked for.
void TraccarConnector::LearnDevices() {
  if (learning_ || Steady::now() < learn_again_at_) return;
  learning_ = true;
  learn_again_at_ = Steady::now() + kBetweenLearning;
  Ask("/api/devices", kDevicesTimeout, &formats::ReadTraccarDevices, [this](auto devices) {
    learning_ = false;
    if (devices) devices_.Replace(std::move(devices->devices));
    formats::TraccarNews news;
    news.positions.swap(unnamed_);
    OnPositions(std::move(news));
  });
}

}  // namespace trackwire::fetcher
