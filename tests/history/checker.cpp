#include "tests/history/checker.hpp"

#include "tests/history/range_set.hpp"

#include <algorithm>
#include <set>
#include <ostream>

namespace history {

std::uint64_t verdict::count(const std::string& problem) const {
  const auto found = problems.find(problem);
  return found == problems.end() ? 0 : found->second;
}

std::ostream& operator<<(std::ostream& out, const verdict& what) {
  out << (what.good() ? "good" : "BAD") << ": " << what.actors << " actors in " << what.copies << " copies, "
      << what.channels << " channels; sent " << what.sent << ", refused " << what.refused << ", received "
      << what.received << ", reported " << what.reported << ", lost " << what.lost << " (" << what.lost_unreported
      << " of them unreported, " << what.lost_with_sender << " with their process)";
  for (const auto& [kind, count] : what.problems) {
    out << "\n  " << kind << ": " << count;
  }
  for (const auto& example : what.examples) {
    out << "\n  - " << example;
  }
  return out;
}

namespace {

std::string text(const channel& where) {
  return where.stream + " -> " + where.receiver;
}

std::string text(range numbers) {
  return numbers.first == numbers.last ? "number " + std::to_string(numbers.first)
                                       : "numbers " + std::to_string(numbers.first) + " to " +
                                           std::to_string(numbers.last);
}

/// `<node>/<pid>` of a copy.
std::string_view process_of(const copy_history& copy) {
  return std::string_view{copy.copy}.substr(0, copy.copy.rfind('/'));
}

class checker {
public:
  checker(const std::vector<copy_history>& copies, const check_options& how) : how_(how) {
    for (const auto& copy : copies) {
      by_actor_[copy.actor].push_back(&copy);
      if (copy.torn) {
        // A kill may cut the last record in two; nobody has seen its effect then.
        torn(copy);
      }
    }
    for (auto& [actor, all] : by_actor_) {
      std::stable_sort(all.begin(), all.end(), [](const auto* a, const auto* b) {
        return a->first_active.value_or(0) < b->first_active.value_or(0);
      });
    }
    for (const auto& copy : copies) {
      if (!copy.ended) {
        dead_processes_.emplace(process_of(copy));
      }
    }
    out_.copies = copies.size();
    out_.actors = by_actor_.size();
  }

  verdict run() {
    for (const auto& [actor, all] : by_actor_) {
      check_lives(actor, all);
      for (const auto* copy : all) {
        collect(*copy);
      }
    }
    for (auto& [where, both] : channels_) {
      check_channel(where, both);
    }
    out_.channels = channels_.size();
    if (out_.sent == 0) {
      add("empty", 1, "no message was sent: there is nothing to prove");
    }
    const auto lost = unforgiven_losses();
    if (lost > how_.counted_losses) {
      out_.problems["lost"] += lost - how_.counted_losses;
    } else {
      std::erase_if(out_.examples, [](const auto& text) { return text.starts_with("lost: "); });
    }
    return std::move(out_);
  }

private:
  struct both_ends {
    std::vector<const copy_history*> senders; ///< in the order of their lives
    std::vector<const copy_history*> receivers;
  };

  std::uint64_t unforgiven_losses() {
    std::uint64_t total = 0;
    for (const auto& [receiver, lost] : lost_by_receiver_) {
      const auto at = how_.in_doubt.find(receiver);
      const auto doubted = at == how_.in_doubt.end() ? 0 : at->second;
      total += lost - std::min(lost, doubted);
      if (lost > doubted && doubted > 0) {
        example("lost", receiver + " has lost " + std::to_string(lost) + " messages, and " + std::to_string(doubted) + " were in doubt");
      }
    }
    return total;
  }

  void example(const std::string& kind, const std::string& sentence) {
    if (examples_[kind]++ < how_.most_examples) {
      out_.examples.push_back(kind + ": " + sentence);
    }
  }

  void add(const std::string& kind, std::uint64_t count, const std::string& sentence) {
    out_.problems[kind] += count;
    example(kind, sentence);
  }

  void torn(const copy_history& copy) {
    if (!how_.crashes || (copy.copy.empty() && !copy.empty) || copy.ended) {
      add("torn", 1, "the history of " + copy.actor + " " + copy.copy + " cannot be read to its end");
    }
  }

  void check_lives(const std::string& actor, const std::vector<const copy_history*>& all) {
    const copy_history* before = nullptr;
    for (const auto* copy : all) {
      if (copy->worked_after_end) {
        add("after_end", 1, actor + " " + copy->copy + " worked after its end");
      }
      if (!copy->last_active) {
        continue;
      }
      if (before != nullptr && *copy->first_active <= *before->last_active) {
        add("two_copies", 1,
            actor + " " + copy->copy + " worked from " + std::to_string(*copy->first_active) + " ns on, and " +
              before->copy + " still at " + std::to_string(*before->last_active) + " ns");
      }
      if (before == nullptr || *copy->last_active > *before->last_active) {
        before = copy;
      }
    }
  }

  void collect(const copy_history& copy) {
    for (const auto& [where, what] : copy.out) {
      channels_[where].senders.push_back(&copy);
    }
    for (const auto& [stream, what] : copy.in) {
      channels_[channel{stream, copy.actor}].receivers.push_back(&copy);
    }
  }

  void check_channel(const channel& where, const both_ends& both) {
    range_set sent;
    range_set refused;
    range_set answered;
    range_set reported;
    range_set timed_out;
    std::uint64_t next = 1;
    for (const auto* copy : both.senders) {
      const auto& what = copy->out.at(where);
      for (const auto& numbers : what.sent) {
        check_sender(where, *copy, numbers, next);
        sent.add(numbers);
      }
      refused.add(what.refused);
      answered.add(what.answered);
      reported.add(what.reported);
      timed_out.add(what.timed_out);
    }
    const auto received = check_order(where, both);
    const auto accepted = sent.without(refused);
    out_.sent += sent.size();
    out_.refused += refused.size();
    out_.received += received.size();
    out_.reported += reported.size();

    each(received.without(accepted), "phantom", where, "was received and never sent, or was refused");
    each(answered.without(received), "false_answer", where, "was answered and never received");
    if (!how_.crashes) {
      each(reported, "reported", where, "was reported as failed, and nothing had crashed");
    }
    if (!how_.timeouts) {
      each(timed_out, "timed_out", where, "was not answered in time");
    }
    check_losses(where, both, accepted.without(received), accepted, how_.timeouts ? reported.with(timed_out) : reported);
  }

  void check_sender(const channel& where, const copy_history& copy, range numbers, std::uint64_t& next) {
    if (numbers.first > next) {
      add("sender_gap", numbers.first - next,
          text(where) + ": " + copy.copy + " goes on with number " + std::to_string(numbers.first) + " where " +
            std::to_string(next) + " comes next");
    } else if (numbers.first < next) {
      add("sender_repeat", std::min(next - 1, numbers.last) - numbers.first + 1,
          text(where) + ": " + copy.copy + " sends " + text(numbers) + " when the next one is " + std::to_string(next));
    }
    next = std::max(next, numbers.last + 1);
  }

  /// What came, all copies of the receiver together.
  range_set check_order(const channel& where, const both_ends& both) {
    range_set seen;
    std::uint64_t last = 0;
    for (const auto* copy : both.receivers) {
      for (const auto& numbers : copy->in.at(where.stream)) {
        const auto again = seen.common(numbers);
        if (again.size() > 0) {
          add("doubled", again.size(), text(where) + ": " + text(again.all().front()) + " came again, to " + copy->copy);
        } else if (numbers.first < last) {
          add("reordered", numbers.last - numbers.first + 1,
              text(where) + ": " + text(numbers) + " came to " + copy->copy + " after number " + std::to_string(last));
        }
        seen.add(numbers);
        last = std::max(last, numbers.last);
      }
    }
    return seen;
  }

  /// A process that died took along what was still on its way out of it, or within it: of each actor that was there the
  /// last messages, none before them.
  range_set gone_with_their_process(const channel& where, const both_ends& both, const range_set& unreported) const {
    range_set gone;
    for (const auto* sender : both.senders) {
      const auto& sent = sender->out.at(where).sent;
      if (sent.empty() || !dead_processes_.contains(process_of(*sender))) {
        continue;
      }
      const auto first = sent.front().first;
      const auto last = sent.back().last;
      for (const auto& numbers : unreported.all()) {
        if (numbers.first <= last && last <= numbers.last) {
          gone.add(range{std::max(first, numbers.first), last});
        }
      }
    }
    return gone;
  }

  void check_losses(const channel& where, const both_ends& both, const range_set& lost, const range_set& accepted,
                    const range_set& told) {
    out_.lost += lost.size();
    const auto excused = how_.crashes ? told : range_set{};
    const auto unreported = lost.without(excused);
    out_.lost_unreported += unreported.size();
    std::uint64_t with_sender = 0;
    if (how_.crashes && !unreported.empty()) {
      with_sender = gone_with_their_process(where, both, unreported).size();
      out_.lost_with_sender += with_sender;
    }
    lost_by_receiver_[where.receiver] += unreported.size() - with_sender;
    if (unreported.size() > with_sender && !how_.in_doubt.contains(where.receiver)) {
      example("lost", text(where) + ": " + text(unreported.all().front()) + " of " +
                        std::to_string(accepted.size()) + " accepted never came" +
                        (how_.crashes ? ", and nobody was told" : ""));
    }
  }

  void each(const range_set& which, const std::string& kind, const channel& where, const std::string& sentence) {
    if (!which.empty()) {
      add(kind, which.size(), text(where) + ": " + text(which.all().front()) + " " + sentence);
    }
  }

  check_options how_;
  std::map<std::string, std::vector<const copy_history*>> by_actor_;
  std::map<channel, both_ends> channels_;
  std::set<std::string, std::less<>> dead_processes_; ///< a copy in it did not come to its end
  std::map<std::string, std::uint64_t> lost_by_receiver_; ///< and nobody was told, but for those that went with their sender
  std::map<std::string, std::size_t> examples_;
  verdict out_;
};

} // namespace

verdict check(const std::vector<copy_history>& copies, const check_options& how) {
  return checker(copies, how).run();
}

} // namespace history
