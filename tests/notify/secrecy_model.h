#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "notify/view.h"
#include "tracking/tracker.h"

namespace trackwire::notify::secrecy {

/// The fields that may be hidden, by number; a set of them.
inline const std::vector<std::string> kFields = {"imei", "driver", "battery_level", "kühler"};
using Fields = std::set<size_t>;

/// A JSON value that knows which of its members are sensitive, however their names are written.
struct Node {
  struct Member {
    std::string raw_name;  ///< with quotes and escapes
    std::optional<size_t> field;
    std::string colon;
    std::vector<Node> value;  ///< one
  };

  enum class Kind { kScalar, kArray, kObject };
  Kind kind = Kind::kScalar;
  std::string text;
  std::vector<Node> items;
  std::vector<Member> members;

  /// As JSON, for somebody who may not see some fields.
  std::string Write(const Fields& hidden = {}) const {
    if (kind == Kind::kScalar) return text;
    std::string out;
    if (kind == Kind::kArray) {
      for (const Node& item : items) out += (out.empty() ? "" : ",") + item.Write(hidden);
      return "[" + out + "]";
    }
    for (const Member& member : members) {
      if (member.field && hidden.count(*member.field) > 0) continue;
      if (!out.empty()) out += ',';
      out += member.raw_name + member.colon + member.value.front().Write(hidden);
    }
    return "{" + out + "}";
  }
};

/// Somebody, as tokens say it.
struct Person {
  std::string user;  ///< empty: not signed in
  std::vector<std::string> roles;
  std::vector<std::string> clients;  ///< as JSON

  bool signed_in() const { return !user.empty(); }
  bool admin() const { return signed_in() && Has(roles, "admin"); }
  bool of(const std::string& client) const { return signed_in() && Has(clients, client); }
  auth::Identity identity() const {
    auth::Identity out;
    out.authenticated = signed_in();
    out.user = user;
    out.roles = roles;
    out.clients = clients;
    return out;
  }

 private:
  static bool Has(const std::vector<std::string>& list, const std::string& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
  }
};

/// What one notification says and whom it names.
struct Notice {
  std::string type;
  Node body;
  std::optional<std::string> tracker;  ///< as JSON, like the client
  std::optional<std::string> client;
  std::optional<std::string> socket;
};

/// What the store knows of a tracker.
struct Known {
  std::string client;  ///< as JSON; empty: nobody's
  bool is_public = false;
  Node attributes;
};

/// The configuration, and the rules of who gets what said once more for one person at a time.
struct Laws {
  Fields hidden_from_all;
  std::map<std::string, Fields> hidden_from;
  bool unknown_public = false;
  bool news_public = false;
  std::map<std::string, Known> trackers;  ///< by id as JSON

  Fields HiddenFrom(const Person& who) const {
    std::vector<std::string> roles = who.roles;
    if (roles.empty()) roles = {"user"};
    if (!who.signed_in()) roles = {"anonymous"};
    Fields out = hidden_from_all;
    for (size_t field = 0; field < kFields.size(); ++field) {
      bool all = true;
      for (const std::string& role : roles) {
        const auto rules = hidden_from.find(role);
        all = all && rules != hidden_from.end() && rules->second.count(field) > 0;
      }
      if (all) out.insert(field);
    }
    return out;
  }

  bool MaySee(const Person& who, const std::string& tracker) const {
    if (who.admin()) return true;
    const auto known = trackers.find(tracker);
    return known == trackers.end() ? unknown_public : MaySee(who, known->second);
  }
  static bool MaySee(const Person& who, const Known& tracker) {
    return who.admin() || tracker.is_public || who.of(tracker.client);
  }

  bool Gets(const Person& who, const std::string& sid, const Notice& notice) const {
    if (notice.socket && *notice.socket != sid) return false;
    if (notice.client && !who.admin() && !who.of(*notice.client)) return false;
    if (notice.tracker) return MaySee(who, *notice.tracker);
    if (notice.type.rfind("tracker_", 0) == 0 && !notice.socket) return who.admin();
    if (notice.socket || notice.client || notice.type == "mark") return true;
    return who.signed_in() || (news_public && notice.type == "news");
  }
};

/// Makes all of these up.
class Chance {
 public:
  explicit Chance(uint32_t seed) : random_(seed) {}

  uint32_t Below(uint32_t end) { return static_cast<uint32_t>(random_() % end); }
  bool OneIn(uint32_t count) { return Below(count) == 0; }

  Fields SomeFields() {
    Fields out;
    for (size_t field = 0; field < kFields.size(); ++field) {
      if (OneIn(3)) out.insert(field);
    }
    return out;
  }
  std::string Client() { return OneIn(3) ? "7" : "\"c" + std::to_string(Below(2)) + "\""; }
  Person Someone(const std::string& user) {
    Person who;
    if (OneIn(4)) return who;
    who.user = user;
    if (OneIn(4)) who.roles.emplace_back("admin");
    if (OneIn(2)) who.roles.emplace_back("user");
    if (OneIn(3)) who.roles.emplace_back("clerk");
    std::set<std::string> clients;
    for (uint32_t i = Below(3); i > 0; --i) clients.insert(Client());
    who.clients.assign(clients.begin(), clients.end());
    return who;
  }

  Node Object(int depth = 3) {
    static const std::vector<std::string> kHarmless = {"speed", "note", "imeis", "drive",
                                                       "größe", "",     "ime",   "battery"};
    Node out;
    out.kind = Node::Kind::kObject;
    for (uint32_t i = Below(5); i > 0; --i) {
      Node::Member member;
      if (OneIn(2)) member.field = Below(static_cast<uint32_t>(kFields.size()));
      const std::string& name =
          member.field ? kFields[*member.field]
                       : kHarmless[Below(static_cast<uint32_t>(kHarmless.size()))];
      member.raw_name = Spell(name);
      member.colon = OneIn(4) ? " : " : ":";
      member.value.push_back(Value(depth - 1));
      out.members.push_back(std::move(member));
    }
    return out;
  }

 private:
  Node Value(int depth) {
    static const std::vector<std::string> kScalars = {
        "1E5", "-0", "1.10",    "null",     "true",       R"("\u00e9\/")",        "\"Ü\"",
        "[ ]", "{}", R"("}],")", "\"imei\"", R"("driver")", R"("{\"imei\":1}")", "\"\\\\\""};
    if (depth > 0 && OneIn(4)) return Object(depth);
    Node out;
    if (depth > 0 && OneIn(4)) {
      out.kind = Node::Kind::kArray;
      for (uint32_t i = Below(3); i > 0; --i) out.items.push_back(Value(depth - 1));
      return out;
    }
    out.text = kScalars[Below(static_cast<uint32_t>(kScalars.size()))];
    return out;
  }

  /// One of the many ways to write a name.
  std::string Spell(const std::string& name) {
    static constexpr char kHex[] = "0123456789abcdef";
    const bool playful = OneIn(2);
    std::string out = playful && OneIn(4) ? "\"_" : "\"";
    for (size_t i = 0; i < name.size(); ++i) {
      auto c = static_cast<unsigned char>(name[i]);
      uint32_t code = c;
      std::string plain(1, name[i]);
      if (c >= 0xC0) {  // two bytes are the longest here
        plain += name[++i];
        code = (c & 0x1Fu) << 6 | (static_cast<unsigned char>(name[i]) & 0x3Fu);
      } else if (c == '_' && playful) {
        if (OneIn(3)) continue;
        code = static_cast<unsigned char>("_-. "[Below(4)]);
        plain.assign(1, static_cast<char>(code));
      } else if (c >= 'a' && c <= 'z' && playful && OneIn(3)) {
        code = c - 32u;
        plain.assign(1, static_cast<char>(code));
      }
      if (playful && OneIn(4)) {
        out += std::string("\\u0") + kHex[code >> 8 & 15] + kHex[code >> 4 & 15] + kHex[code & 15];
      } else {
        out += plain;
      }
    }
    return out + (playful && OneIn(4) ? "-\"" : "\"");
  }

  std::mt19937 random_;
};

}  // namespace trackwire::notify::secrecy
