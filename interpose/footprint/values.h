// What a call reads or writes, as people want to see it beside a race: the bytes, shortened and
// escaped. Asked just before the call goes, while everybody else is parked, without any effect.
#pragma once
#include "interpose/footprint/service_model.h"

#include <string>

namespace fb {

// "" when the call carries no value, or it cannot be told.
std::string value_of(ServiceModel::Context& context);

// At most 80 characters of text: line ends and what is not printable are escaped, blanks around it
// are left out.
std::string shown_value(std::string_view bytes);

}  // namespace fb
