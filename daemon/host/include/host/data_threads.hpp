// SPDX-License-Identifier: MIT
// Which of this process' threads play, and whether the kernel lets them go first.
#pragma once

namespace soundwarden::host {

struct DataThreads {
    unsigned count = 0;    ///< threads that run a PipeWire data loop; 0: nothing is guarded, or they cannot be told
    unsigned realtime = 0; ///< of them, scheduled as SCHED_FIFO or SCHED_RR
};

/// From /proc/self/task. Main thread; opens a few small files.
DataThreads data_threads();

} // namespace soundwarden::host
