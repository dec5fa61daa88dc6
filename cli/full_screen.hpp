// SPDX-License-Identifier: MIT
// The whole terminal, for as long as one of these lives.
#pragma once

#include "render/meter_screen.hpp"

#include <optional>
#include <string>
#include <termios.h>
#include <vector>

namespace soundwarden::cli {

/// The alternate screen of the terminal that stdout is, without a cursor; where stdin is a terminal too, keys come at once and
/// unseen. Destruction gives back what was there before, however that comes about.
class FullScreen {
  public:
    FullScreen() { enter(); }
    FullScreen(const FullScreen &) = delete;
    FullScreen &operator=(const FullScreen &) = delete;
    ~FullScreen() { leave(); }

    /// Back to what was there before, and again: around a stop. Neither throws; twice is once.
    void enter() noexcept;
    void leave() noexcept;

    /// Of the terminal now; 80 by 24 where it does not say.
    ScreenSize size() const noexcept;

    /// Draws it in one write; leaves it out where the terminal takes nothing at the moment, so that nobody waits for one. False
    /// where it has gone; throws Failure for other errors.
    bool show(const std::vector<std::string> &lines);

  private:
    bool inside_ = false;
    std::optional<termios> before_; ///< of stdin, where it is a terminal
};

} // namespace soundwarden::cli
