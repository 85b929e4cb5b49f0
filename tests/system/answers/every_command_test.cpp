#include "tests/system/answers/command_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace {

using namespace system_test;

class AT18Answers : public testing::Test {
protected:
  AT18Answers() {
    node = system.create_process();
    system.create_actor(node, "row_actor", "Echo");
  }

  std::string address_of(const command_row& row) const {
    return row.to == "head" ? head_node : row.to == "node" ? node : "row_actor";
  }

  test_system system;
  std::string node;
};

TEST_F(AT18Answers, EveryCommandGetsTheAnswerOfTheProtocol) {
  for (const auto& row : protocol_rows(node)) {
    const auto got = system.ask(address_of(row), row.command, row.body, 6s);
    EXPECT_NE(std::find(row.answers.begin(), row.answers.end(), got.command), row.answers.end())
      << row.to << " " << row.command << " " << row.body << " was answered " << got << ", not "
      << json(row.answers).dump();
  }
}

TEST_F(AT18Answers, EveryCommandIsAnsweredWhateverItsBody) {
  std::set<std::string> commands;
  for (const auto& row : protocol_rows(node)) {
    commands.insert(row.command);
  }
  for (const auto* more : {"create_replica",
                           "set_replica_params",
                           "transit_message",
                           "replica_resume",
                           "change_cache",
                           "change_caches",
                           "get_log_desc",
                           "load_package",
                           "deliver_package",
                           "transfer",
                           "quiting",
                           "get_credentials",
                           "inter_connect",
                           "inter_disconnect",
                           "actor_is_created",
                           "test_error",
                           "cumulative_tick",
                           "empty",
                           "start",
                           "stop",
                           "tick",
                           "timer",
                           "notification"}) {
    commands.insert(more);
  }
  // create_process, remove_process and drain_process (the gateway would go too) with an empty body are good requests
  // that change what is asked here.
  const auto is_a_good_request = [](const std::string& to, const std::string& command, const json& body) {
    const bool names_no_node = body.is_null() || (body.is_object() && body.value("node", json()).is_null());
    return (command == "drain_process" && to == "head" && names_no_node) ||
           (command == "create_process" && to == "head") || (command == "remove_process" && to == "node") ||
           ends_its_receiver(command);
  };
  int asked = 0;
  for (const std::string to : {"head", "node", "actor"}) {
    for (const auto& command : commands) {
      for (const auto& body : bad_bodies()) {
        if (is_a_good_request(to, command, body)) {
          continue;
        }
        const auto got = system.ask(address_of({to, command, body, {}}), command, body, 5s);
        ++asked;
        ASSERT_FALSE(got.command.empty()) << to << " " << command << " " << body.dump().substr(0, 200) << got;
        EXPECT_NE(got.command, "timer") << to << " " << command << " " << body.dump().substr(0, 200);
      }
    }
  }
  EXPECT_GT(asked, 1000);
  EXPECT_EQ(system.ask("row_actor", "who").command, "here_is") << "and everything is still there";
  EXPECT_EQ(system.ask(node, "get_members", {{"page_size", 3}}).command, "members");
}

TEST_F(AT18Answers, EmptyAndOddCommandsAreAnswered) {
  for (const auto& command : {std::string("_"), std::string(10'000, 'c'), std::string("команда"), std::string(" ")}) {
    for (const auto& to : {head_node, node, std::string("row_actor")}) {
      const auto got = system.ask(to, command);
      EXPECT_EQ(got.command, "is_not_handled") << got;
    }
  }
}

TEST_F(AT18Answers, UnknownRecipientsAreAnsweredAtOnce) {
  for (const json& to : {json("nobody"), json("first.nothing.admin"), json({{"node", node}, {"entity", "nobody"}}),
                         json({{"node", "first.nothing.admin"}, {"entity", "nobody"}}),
                         json({{"node", "first.nothing.admin"}, {"entity", nullptr}})}) {
    const auto got = system.ask(to, "who");
    EXPECT_EQ(got.command, "actor_is_not_found") << to << got;
    EXPECT_LT(got.took, scaled(500ms)) << to;
  }
}

TEST_F(AT18Answers, AddressesOfEveryFormReachTheActor) {
  for (const json& to : {json("row_actor"), json({{"node", node}, {"entity", "row_actor"}}),
                         json({{"system", "king"}, {"node", node}, {"entity", "row_actor"}}),
                         // The place is wrong: the name decides.
                         json({{"node", head_node}, {"entity", "row_actor"}})}) {
    const auto got = system.ask(to, "who");
    ASSERT_EQ(got.command, "here_is") << to << got;
    EXPECT_EQ(got.body, json({{"node", node}, {"name", "row_actor"}}));
  }
  EXPECT_EQ(system.ask(nullptr, "get_all_nodes").command, "all_nodes") << "null is the admin of the gateway's node";
  EXPECT_EQ(system.ask({{"node", node}, {"entity", nullptr}}, "get_work_path").command, "work_path");
}

TEST_F(AT18Answers, AMessageCarriesTheSevenFieldsOfTheModel) {
  const auto got = system.ask("row_actor", "echo", 5);
  for (const auto* field : {"mid", "command", "body", "recipient", "sender", "timeout", "user"}) {
    EXPECT_TRUE(got.message.contains(field)) << field << got;
  }
  EXPECT_EQ(got.message.at("mid").get<std::string>().rfind("king.first.process_0.", 0), 0u) << got;
}

TEST_F(AT18Answers, ParametersAreSetReadAndRefusedByType) {
  system.set_params("row_actor", {{"note", "remember"}});
  auto got = system.ask("row_actor", "get_params");
  ASSERT_EQ(got.command, "params") << got;
  const auto& list = got.body.at("params");
  const auto note = std::find_if(list.begin(), list.end(), [](const json& one) { return one.at("name") == "note"; });
  ASSERT_NE(note, list.end()) << got;
  EXPECT_EQ(note->at("value"), "remember");
  got = system.ask("row_actor", "set_params", params_body({{"note", 12}}));
  EXPECT_NE(got.command, "params_are_set") << got;
  got = system.ask("row_actor", "get_params");
  EXPECT_NE(got.body.dump().find("remember"), std::string::npos) << "a refused value changes nothing: " << got;
}

} // namespace
