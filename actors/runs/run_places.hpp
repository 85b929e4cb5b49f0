#pragma once

#include <runtime/store/run_row.hpp>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// Which runs have one of the places for runs at once, and which wait for one, in the order of their coming. Pure.
class run_places {
public:
  /// `most`: places; 0: as many as are asked for. `most_waiting`: more than that wait for nothing.
  run_places(std::size_t most, std::size_t most_waiting) : most_(most), most_waiting_(most_waiting) {}

  enum class answer { held, waits, full };
  /// A run wants a place. One that is known keeps what it has; one that was put back can be given a place again.
  answer ask(const std::string& run, const std::string& actor);
  /// Gives the first that waits a place, if one is free: call it after each change until there is nothing.
  std::optional<run_place> next();
  /// Nobody could be told of the place: others get it. The run keeps its turn, and waits for `ask`.
  void put_back(const std::string& run);
  /// False if it is not known.
  bool leave(const std::string& run);
  /// What an earlier life of this book has kept, before anything is asked.
  void restore(const std::vector<run_place>& kept);

  const run_place* find(const std::string& run) const;
  /// Of one that waits, from 1 on; else 0.
  std::size_t position(const std::string& run) const;
  std::map<std::string, std::size_t> positions() const;
  /// Those that hold a place behind the turn `after`, in order; from the first on if there are none.
  std::vector<run_place> held_after(std::uint64_t after, std::size_t most) const;

  std::size_t most() const noexcept { return most_; }
  std::size_t most_waiting() const noexcept { return most_waiting_; }
  std::size_t held() const noexcept { return held_; }
  std::size_t waiting() const noexcept { return all_.size() - held_; }

private:
  struct entry {
    run_place what;
    bool is_there = true; ///< can be told
  };

  bool has_free() const noexcept { return most_ == 0 || held_ < most_; }
  std::map<std::uint64_t, entry>::iterator first_waiting();

  std::size_t most_;
  std::size_t most_waiting_;
  std::size_t held_ = 0;
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, entry> all_; ///< by their turns
  std::map<std::string, std::uint64_t> turns_;
};

} // namespace troupe
