// Helpers that the tables of descriptors share.
#pragma once
#include "core/model/address.h"
#include "interpose/footprint/service_model.h"

#include <optional>

namespace fb {

// The descriptor an argument names.
std::optional<Descriptor> describe_argument(const ServiceModel::Context& context, int position = 0);

// Both streams of a pipe are one; `copy` is open on either end.
StreamEnd pipe_end(ServiceModel::Context& context, const Descriptor& descriptor,
                   const DescriptorCopy& copy);

// What a socket of ours is bound to.
std::optional<Address> own_address(int fd);

}  // namespace fb
