// Pages of applications over real connections.
#include "tests/system/web_alone/web_fixture.hpp"

#include "runtime/applications/application_store.hpp"

#include <filesystem>
#include <fstream>

namespace troupe {
namespace {

namespace fs = std::filesystem;

class WebPages : public WebAloneTest {
protected:
  WebPages() {
    char name[] = "/tmp/troupe-web-pages-XXXXXX";
    folder_ = ::mkdtemp(name);
    applications_folder_ = folder_ / "all";
    const application_store store(folder_ / "all");
    const auto made = store.create("App");
    id_ = made->id;
    pages_ = fs::path(made->folder) / "pages";
    EXPECT_TRUE(store.write_file(id_, "pages/small.txt", "small"));
    EXPECT_TRUE(store.change_settings(id_, {{"static_folder", "pages"}}));
    big_.resize(5u << 20);
    for (std::size_t i = 0; i < big_.size(); ++i) {
      big_[i] = static_cast<char>(i * 7 + i / 251);
    }
    std::ofstream(pages_ / "big.bin", std::ios::binary) << big_;
  }
  ~WebPages() override {
    door_.reset();
    server_.reset();
    fs::remove_all(folder_);
  }
  std::string page(const std::string& name, const std::string& more = {}, const std::string& method = "GET") const {
    return ask(method, "/app/" + id_ + "/" + name, "", more);
  }

  fs::path folder_;
  fs::path pages_;
  std::string id_;
  std::string big_;
};

TEST_F(WebPages, ALargeFileHasItsLengthAndTheConnectionGoesOn) {
  start();
  auto connection = client();
  for (int i = 0; i < 2; ++i) {
    connection.send(page("big.bin"));
    const auto got = connection.read_answer();
    EXPECT_NE(got.head.find("Content-Length: " + std::to_string(big_.size())), std::string::npos) << got.head;
    EXPECT_EQ(got.head.find("chunked"), std::string::npos);
    EXPECT_TRUE(got.body == big_);
    connection.send(page("big.bin", "Range: bytes=100-2000099\r\n"));
    EXPECT_TRUE(connection.read_answer().body == big_.substr(100, 2'000'000));
    connection.send(page("small.txt"));
    EXPECT_EQ(connection.read_answer().body, "small");
  }
}

TEST_F(WebPages, HeadSaysWhatGetWouldAndSendsNoByteMore) {
  start();
  auto connection = client();
  connection.send(page("big.bin", "", "HEAD") + page("small.txt", "", "HEAD") + page("small.txt"));
  EXPECT_EQ(connection.read_answer(true).field("content-length"), std::to_string(big_.size()));
  EXPECT_EQ(connection.read_answer(true).field("content-length"), "5");
  EXPECT_EQ(connection.read_answer().body, "small");
}

TEST_F(WebPages, AFileThatBecomesShorterEndsItsConnection) {
  start();
  std::ofstream(pages_ / "huge.bin", std::ios::binary) << std::string(64u << 20, 'x');
  auto connection = client();
  connection.send(page("huge.bin"));
  ASSERT_NE(connection.read_until("\r\n\r\n").find("Content-Length: 67108864"), std::string::npos);
  fs::resize_file(pages_ / "huge.bin", 1'000);
  EXPECT_TRUE(connection.is_closed_within(patience_));
  expect_alive();
}

} // namespace
} // namespace troupe
