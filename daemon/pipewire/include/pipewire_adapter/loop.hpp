// SPDX-License-Identifier: MIT
#pragma once

#include "loop/loop.hpp"

#include <memory>

namespace soundwarden::pipewire_adapter {

class MainLoop;

/// The process's one main loop. Make it, and register every signal, before anything that starts a thread.
/// Throws std::runtime_error where PipeWire's own plugins are not installed.
std::shared_ptr<MainLoop> make_main_loop();

/// The same object as the interface that everybody else sees.
loop::Loop &as_loop(MainLoop &loop);

} // namespace soundwarden::pipewire_adapter
