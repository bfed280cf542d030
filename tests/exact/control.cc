#include "control.h"

#include <boost/json.hpp>
#include <utility>
#include <vector>

namespace trackwire::exact {
namespace {

namespace json = boost::json;

json::object ToJson(const Faults& faults) {
  return {{"missing", faults.missing},     {"doubled", faults.doubled},
          {"backwards", faults.backwards}, {"unordered", faults.unordered},
          {"altered", faults.altered},     {"foreign", faults.foreign},
          {"refused", faults.refused},     {"connect_errors", faults.connect_errors}};
}

json::object ToJson(const Verdict& verdict, const Swarm& swarm) {
  json::array faulty;
  for (const FaultyClient& one : verdict.faulty) {
    json::object entry = ToJson(one.faults);
    entry["client"] = one.client;
    entry["first"] = one.first;
    faulty.push_back(std::move(entry));
  }
  json::object losses;
  for (const auto& [reason, count] : swarm.losses()) losses[reason] = count;
  const Absences& absences = swarm.absences();
  return {{"exact", verdict.exact()},
          {"joined", swarm.joined()},
          {"deliveries", verdict.deliveries},
          {"entries", verdict.entries},
          {"faults", ToJson(verdict.total)},
          {"faulty_clients", verdict.faulty_clients},
          {"faulty", std::move(faulty)},
          {"unpublished", verdict.unpublished},
          {"lost", verdict.lost},
          {"first_lost", verdict.first_lost},
          {"uncovered", verdict.uncovered},
          {"resumed", verdict.resumed},
          {"expired", verdict.expired},
          {"away_ms",
           {{"p50", absences.Percentile(0.5)},
            {"p99", absences.Percentile(0.99)},
            {"most", absences.Percentile(1)}}},
          {"losses", std::move(losses)}};
}

std::vector<Expectation> ExpectationsOf(const json::array& rows) {
  std::vector<Expectation> all;
  all.reserve(rows.size());
  for (const json::value& row : rows) {
    all.push_back({row.at(0).to_number<uint32_t>(), row.at(1).to_number<uint32_t>(),
                   row.at(2).to_number<uint32_t>()});
  }
  return all;
}

}  // namespace

Result<void> Control::Take(std::string_view bytes) {
  unread_ += bytes;
  size_t begin = 0;
  for (size_t end; (end = unread_.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const std::string_view line = std::string_view(unread_).substr(begin, end - begin);
    if (Result<void> obeyed = Obey(line); !obeyed) return obeyed;
  }
  unread_.erase(0, begin);
  return Ok();
}

Result<void> Control::Obey(std::string_view line) try {
  const json::object command = json::parse(line).as_object();
  const json::string& verb = command.at("do").as_string();
  if (verb == "ports") {
    std::vector<uint16_t> ports;
    for (const json::value& port : command.at("ports").as_array()) {
      ports.push_back(port.to_number<uint16_t>());
    }
    if (ports.empty()) return Err("bad_command", "no ports");
    swarm_.set_ports(std::move(ports));
  } else if (verb == "cut") {
    swarm_.Cut(command.at("first").to_number<size_t>(), command.at("count").to_number<size_t>(),
               std::chrono::milliseconds(command.at("pause_ms").to_number<int64_t>()));
  } else if (verb == "await") {
    awaited_ = command.at("content").to_number<uint32_t>();
  } else if (verb == "progress") {
    progress_.clear();
  } else if (verb == "report") {
    const auto expected = ExpectationsOf(command.at("expect").as_array());
    const json::object report = ToJson(swarm_.checker().Judge(expected), swarm_);
    unsaid_ += json::serialize(json::object{{"report", report}}) + "\n";
  } else if (verb == "stop") {
    stopped_ = true;
  } else {
    return Err("bad_command", "unknown: " + std::string(line));
  }
  return Ok();
} catch (const std::exception& e) {
  return Err("bad_command", std::string(e.what()) + ": " + std::string(line.substr(0, 200)));
}

std::string Control::Say() {
  const json::object progress{{"joined", swarm_.joined()},
                              {"deliveries", swarm_.checker().deliveries()},
                              {"entries", swarm_.checker().entries()}};
  const std::string now = json::serialize(json::object{{"progress", progress}}) + "\n";
  if (now != progress_) {
    progress_ = now;
    unsaid_ += now;
  }
  if (awaited_ && swarm_.all_have(*awaited_)) {
    unsaid_ += "{\"reached\":" + std::to_string(*awaited_) + "}\n";
    awaited_.reset();
  }
  return std::exchange(unsaid_, {});
}

}  // namespace trackwire::exact
