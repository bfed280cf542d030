#include "engineio/upgrade.h"

namespace trackwire::engineio {
namespace {

constexpr std::chrono::milliseconds kRecheck{100};

}  // namespace

Upgrade::Upgrade(SessionHost& host, Owner& owner, std::unique_ptr<Transport> transport)
    : host_(host),
      owner_(owner),
      transport_(std::move(transport)),
      timeout_([](void* self) { static_cast<Upgrade*>(self)->owner_.OnUpgradeFailed(); }, this),
      recheck_([](void* self) { static_cast<Upgrade*>(self)->Recheck(); }, this) {
  transport_->set_listener(this);
  timeout_.Start(host_.timers(), host_.options().upgrade_timeout);
}

Upgrade::~Upgrade() {
  if (transport_ != nullptr) transport_->Terminate(PacketType::kClose);
}

void Upgrade::OnPacket(const Packet& packet) {
  ++host_.counters().packets_in;
  const bool probe = packet.type == PacketType::kPing && packet.data() == "probe";
  if (probe && !answered_) return AnswerProbe();
  if (packet.type == PacketType::kUpgrade) return owner_.OnUpgraded();
  owner_.OnUpgradeFailed();
}

void Upgrade::AnswerProbe() {
  answered_ = true;
  ++host_.counters().packets_out;
  transport_->Send(net::FrameRef::Hold(net::EncodedFrame::Make(net::FrameKind::kText, "3probe")),
                   false);
  if (transport_->lost()) return owner_.OnUpgradeFailed();
  Recheck();
}

void Upgrade::Recheck() {
  recheck_.Start(host_.timers(), kRecheck);
  owner_.OnProbe();
}

void Upgrade::OnBadPacket(DecodeError) { owner_.OnUpgradeFailed(); }

void Upgrade::OnTransportLost(CloseReason) { owner_.OnUpgradeFailed(); }

}  // namespace trackwire::engineio
