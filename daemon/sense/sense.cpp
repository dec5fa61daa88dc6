// SPDX-License-Identifier: MIT
#include "sense/sense.hpp"

#include "watcher.hpp"

#include <utility>

namespace soundwarden::sense {

struct Sense::Impl {
    Watcher watcher;
};

Sense::Sense(loop::Loop &loop, Tell tell, Places places)
    : impl_(new Impl{Watcher(loop, std::move(tell), std::move(places), kernel_ports())}) {}

Sense::~Sense() = default;

void Sense::start() { impl_->watcher.start(); }

void Sense::look(std::uint32_t card) { impl_->watcher.look(card); }

} // namespace soundwarden::sense
