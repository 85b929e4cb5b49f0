#include "tests/bench/support/bench_line.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace bench {

namespace {

std::vector<std::string>& wanted() {
  static auto& names = *new std::vector<std::string>;
  return names;
}

std::string folder_of(int pid) {
  return "/proc/" + (pid == 0 ? std::string("self") : std::to_string(pid));
}

} // namespace

double median(std::vector<double> values) {
  if (values.empty()) {
    return 0;
  }
  std::sort(values.begin(), values.end());
  const auto middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

compared measure_in_turn(int rounds, const std::function<double()>& ours, const std::function<double()>& baseline) {
  std::vector<double> own;
  std::vector<double> base;
  for (int i = 0; i < rounds; ++i) {
    base.push_back(baseline());
    own.push_back(ours());
  }
  return {median(std::move(own)), median(std::move(base))};
}

void print_line(std::string_view bench, double value, std::string_view unit, std::string_view baseline,
                double baseline_value) {
  std::printf(R"({"bench":"%.*s","value":%.5g,"unit":"%.*s","baseline":"%.*s","baseline_value":%.5g,"ratio":%.3g})"
              "\n",
              static_cast<int>(bench.size()), bench.data(), value, static_cast<int>(unit.size()), unit.data(),
              static_cast<int>(baseline.size()), baseline.data(), baseline_value,
              baseline_value > 0 ? value / baseline_value : 0.0);
  std::fflush(stdout);
}

void set_wanted(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    wanted().emplace_back(argv[i]);
  }
}

bool is_wanted(std::string_view bench) {
  return wanted().empty() || std::find(wanted().begin(), wanted().end(), bench) != wanted().end();
}

double resident_bytes(int pid) {
  std::ifstream status(folder_of(pid) + "/status");
  for (std::string word; status >> word;) {
    if (word == "VmRSS:") {
      double kib = 0;
      status >> kib;
      return kib * 1024;
    }
  }
  return 0;
}

double cpu_seconds(int pid) {
  double nanoseconds = 0;
  std::error_code gone;
  for (const auto& thread : std::filesystem::directory_iterator(folder_of(pid) + "/task", gone)) {
    std::ifstream file(thread.path() / "schedstat");
    double used = 0;
    file >> used;
    nanoseconds += used;
  }
  return nanoseconds / 1e9;
}

} // namespace bench
