// SPDX-License-Identifier: MIT
#include "timeline.hpp"

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace soundwarden::demo {

namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::size_t cycles_a_line = 256;

std::string text_of(const OrderedJson &json) { return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace); }

void write_cycles(std::ostream &out, const std::vector<bench::RecordingCycle> &cycles) {
    for (std::size_t from = 0; from < cycles.size(); from += cycles_a_line) {
        OrderedJson rows = OrderedJson::array();
        for (std::size_t i = from; i < std::min(from + cycles_a_line, cycles.size()); ++i)
            rows.push_back({cycles[i].wall_ns, cycles[i].file_frame, cycles[i].frames, cycles[i].position, cycles[i].flags});
        OrderedJson line;
        line["kind"] = "cycles";
        line["columns"] = {"t_ns", "frame", "frames", "position", "flags"};
        line["rows"] = std::move(rows);
        out << text_of(line) << '\n';
    }
}

} // namespace

void Timeline::add(std::int64_t t_ns, const std::string &kind, OrderedJson fields) {
    const std::lock_guard lock(mutex_);
    entries_.push_back({t_ns, kind, std::move(fields)});
}

void Timeline::write(const std::filesystem::path &path, OrderedJson header, const bench::Recording &sink) const {
    auto entries = [&] {
        const std::lock_guard lock(mutex_);
        return entries_;
    }();
    std::stable_sort(entries.begin(), entries.end(), [](const Entry &a, const Entry &b) { return a.t_ns < b.t_ns; });
    std::ofstream out(path, std::ios::binary);
    out << text_of(header) << '\n';
    write_cycles(out, sink.cycles());
    for (const Entry &entry : entries) {
        OrderedJson line;
        line["t_ns"] = entry.t_ns;
        line["frame"] = sink.frame_at(entry.t_ns);
        line["kind"] = entry.kind;
        line.update(entry.fields);
        out << text_of(line) << '\n';
    }
    if (!out.flush()) throw std::runtime_error("cannot write " + path.string());
}

} // namespace soundwarden::demo
