// SPDX-License-Identifier: MIT
// The timeline for people: aligned columns, coloured on a terminal.
#pragma once

#include <cstdint>
#include <string>

namespace soundwarden::demo {

/// Whose line it is.
enum class Who : std::uint8_t {
    user,    ///< the person at the laptop
    program, ///< another program
    system,  ///< what the demo does from outside: signals, starts
    sensed,  ///< the daemon: what it noticed
    decided, ///< the daemon: what it made of that
    done,    ///< the daemon: what it did
};

class Screen {
public:
    explicit Screen(bool colour) : colour_(colour) {}

    /// Times are printed from here on in seconds since `t_ns`.
    void start(std::int64_t t_ns) { start_ns_ = t_ns; }

    void title(const std::string &text);
    void paragraph(const std::string &text);
    void chapter(const std::string &text);
    void line(std::int64_t t_ns, Who who, const std::string &text);
    /// The loudest sample at the sink, with a bar; `change` from an earlier level, NaN for none.
    void level(std::int64_t t_ns, double before_db, double now_db, const std::string &remark);
    void level(std::int64_t t_ns, double now_db, const std::string &remark);

    bool colour() const { return colour_; }

private:
    std::string painted(const std::string &text, const char *code) const;
    std::string moment(std::int64_t t_ns) const;

    bool colour_;
    std::int64_t start_ns_ = 0;
};

/// "-9.4 dBFS", "silence".
std::string dbfs_text(double db);
std::string one_decimal(double value);

} // namespace soundwarden::demo
