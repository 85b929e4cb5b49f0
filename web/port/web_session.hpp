#pragma once

namespace troupe {

/// One open connection, as the gateway sees it. Keeps itself alive by what it waits for. The web server's thread.
class web_session {
public:
  virtual ~web_session() = default;

  /// Ends when what is being answered has been answered.
  virtual void close_soon() = 0;
  /// Cuts the connection.
  virtual void close_now() = 0;
  /// Whether it may be cut to make room: nobody has proved who they are, and nothing is being answered.
  virtual bool is_evictable() const = 0;
};

} // namespace troupe
