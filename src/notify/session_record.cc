#include "notify/session_record.h"

#include "base/json_scanner.h"
#include "base/text.h"

namespace trackwire::notify {
namespace {

constexpr char kPidSeparator = '.';
constexpr size_t kSecretBytes = 18;

void AppendName(std::string& out, std::string_view name) {
  out += out.empty() ? '{' : ',';
  base::AppendJsonString(out, name);
  out += ':';
}

void AppendText(std::string& out, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  AppendName(out, name);
  base::AppendJsonString(out, text);
}

void AppendTime(std::string& out, std::string_view name, const std::optional<WallTime>& time) {
  if (!time) return;
  AppendName(out, name);
  base::AppendJsonString(out, base::FormatTime(*time));
}

void AppendList(std::string& out, std::string_view name, const std::vector<std::string>& items,
                bool items_are_json) {
  if (items.empty()) return;
  AppendName(out, name);
  base::AppendJsonArray(out, items, items_are_json);
}

void AppendTrue(std::string& out, std::string_view name, bool holds) {
  if (!holds) return;
  AppendName(out, name);
  out += "true";
}

std::string TextOf(base::JsonValue value) {
  return value.is_string() ? base::DecodeJsonString(value.text) : std::string();
}

std::vector<std::string> ListOf(base::JsonValue value, bool as_json) {
  std::vector<std::string> items;
  if (!value.is_array()) return items;
  base::JsonArrayReader reader(value);
  while (auto item = reader.Next()) {
    items.push_back(as_json ? std::string(item->text) : TextOf(*item));
  }
  return items;
}

bool ReadIdentity(const base::JsonMember& member, auth::Identity& identity) {
  const base::JsonValue value = member.value;
  if (member.KeyIs("authenticated")) {
    identity.authenticated = value.type == base::JsonType::kTrue;
  } else if (member.KeyIs("from_login")) {
    identity.from_login = value.type == base::JsonType::kTrue;
  } else if (member.KeyIs("user")) {
    identity.user = TextOf(value);
  } else if (member.KeyIs("roles")) {
    identity.roles = ListOf(value, false);
  } else if (member.KeyIs("permissions")) {
    identity.permissions = ListOf(value, false);
  } else if (member.KeyIs("clients")) {
    identity.clients = ListOf(value, true);
  } else if (member.KeyIs("expires_at")) {
    identity.expires_at = base::ParseTime(TextOf(value));
  } else if (member.KeyIs("token_id")) {
    identity.token_id = TextOf(value);
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::string EncodeSessionValue(const SessionValue& value) {
  const auth::Identity& identity = value.identity;
  std::string out;
  AppendTime(out, "connected_at", value.connected_at);
  AppendTrue(out, "authenticated", identity.authenticated);
  AppendText(out, "user", identity.user);
  AppendList(out, "roles", identity.roles, false);
  AppendList(out, "permissions", identity.permissions, false);
  AppendList(out, "clients", identity.clients, true);
  AppendTime(out, "expires_at", identity.expires_at);
  AppendText(out, "token_id", identity.token_id);
  AppendTrue(out, "from_login", identity.from_login);
  AppendText(out, "address", value.address);
  AppendText(out, "transport", value.transport);
  AppendText(out, "gateway", value.gateway);
  if (!value.selection_json.empty()) {
    AppendName(out, "subscription");
    out += value.selection_json;
  }
  return out + "}";
}

std::optional<SessionValue> DecodeSessionValue(std::string_view json) {
  const auto scanned = base::ScanJson(json);
  if (!scanned || !scanned->is_object()) return std::nullopt;
  SessionValue value;
  base::JsonObjectReader members(*scanned);
  while (auto member = members.Next()) {
    if (ReadIdentity(*member, value.identity)) continue;
    const base::JsonValue field = member->value;
    if (member->KeyIs("address")) value.address = TextOf(field);
    if (member->KeyIs("transport")) value.transport = TextOf(field);
    if (member->KeyIs("gateway")) value.gateway = TextOf(field);
    if (member->KeyIs("subscription")) value.selection_json = field.text;
    if (member->KeyIs("connected_at")) {
      value.connected_at = base::ParseTime(TextOf(field)).value_or(WallTime{});
    }
  }
  return value;
}

std::string MakePid(const std::string& sid) {
  return sid + kPidSeparator + base::Base64UrlEncode(base::RandomBytes(kSecretBytes));
}

PidParts SplitPid(std::string_view pid) {
  const size_t at = pid.find(kPidSeparator);
  if (at == std::string_view::npos) return {std::string(pid), {}};
  return {std::string(pid.substr(0, at)), std::string(pid.substr(at + 1))};
}

std::string ProofOf(const std::string& secret, const std::string& fingerprint) {
  return secret + " " + fingerprint;
}

}  // namespace trackwire::notify
