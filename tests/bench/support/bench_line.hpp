#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

double median(std::vector<double> values);

/// Both sides of one comparison, measured in turn so that a change of the machine's load hits both.
struct compared {
  double value = 0;    ///< median
  double baseline = 0; ///< median
};
compared measure_in_turn(int rounds, const std::function<double()>& ours, const std::function<double()>& baseline);

/// One JSON line on standard output: `{"bench", "value", "unit", "baseline", "baseline_value", "ratio"}`; `ratio` is
/// value / baseline_value.
void print_line(std::string_view bench, double value, std::string_view unit, std::string_view baseline,
                double baseline_value);

/// False if the command line names benches and this is none of them.
bool is_wanted(std::string_view bench);
void set_wanted(int argc, char** argv);

/// Resident memory of a process in bytes, 0 if there is none; of this one without an argument.
double resident_bytes(int pid = 0);

/// CPU time that a process has used, in seconds.
double cpu_seconds(int pid);

} // namespace bench
