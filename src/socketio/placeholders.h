#pragma once

#include <string_view>
#include <vector>

#include "socketio/socket.h"

namespace trackwire::socketio {

/// Appends JSON that was accepted by ScanJson(), one value or several with commas, and those of its
/// `attachments` that it speaks of: its placeholders then name them by their places in `out`. Those
/// that name none, which no packet that was read has, stay as they are.
void AppendWithAttachments(Args& out, std::string_view json,
                           const std::vector<std::string_view>& attachments);

}  // namespace trackwire::socketio
