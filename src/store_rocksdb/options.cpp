#include "store_rocksdb/options.h"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include <cstdarg>
#include <cstdio>

#include "base/log.h"
#include "store_rocksdb/database.h"
#include "store_rocksdb/keys.h"

namespace hy::store_rocksdb {
namespace {

constexpr std::size_t mib = std::size_t{1} << 20;

/// RocksDB's own warnings and errors as lines of our log, instead of a LOG file in the data folder.
class LogLines final : public rocksdb::Logger {
 public:
  LogLines() : Logger(rocksdb::InfoLogLevel::WARN_LEVEL) {}

  void LogHeader(const char*, va_list) override {}
  using Logger::Logv;
  void Logv(const rocksdb::InfoLogLevel level, const char* format, va_list arguments) override {
    if (level < GetInfoLogLevel()) return;
    char text[512];
    std::vsnprintf(text, sizeof text, format, arguments);
    bool is_error = level >= rocksdb::InfoLogLevel::ERROR_LEVEL;
    log::line(is_error ? log::Level::error : log::Level::warn, "rocksdb", "text={}", log::value(text));
  }
};

rocksdb::BlockBasedTableOptions tables(const Settings& settings) {
  rocksdb::BlockBasedTableOptions table;
  table.block_size = std::uint64_t{16} << 10;
  table.format_version = 5;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.whole_key_filtering = false;  // the owner's hash is what filters know: 10 bits an owner, not a row
  table.block_cache = rocksdb::NewLRUCache(settings.cache_bytes, -1, false, 0.5);
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  return table;
}

}  // namespace

rocksdb::Options options_for(const Settings& settings) {
  rocksdb::Options options;
  options.create_if_missing = settings.create;
  if (settings.env) options.env = settings.env.get();
  options.info_log = std::make_shared<LogLines>();

  // The default, point in time, stops before damage anywhere in the log and says nothing. This one refuses to
  // open over it; a torn end has been cut off before (log_check.h). A recycled log would end in old records,
  // which look like damage.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.recycle_log_file_num = 0;

  options.write_buffer_size = 16 * mib;
  options.max_write_buffer_number = 3;
  options.db_write_buffer_size = 48 * mib;
  options.max_total_wal_size = 64 * mib;
  options.max_background_jobs = 2;
  options.bytes_per_sync = mib;
  options.max_open_files = 512;
  options.compression = rocksdb::kLZ4Compression;
  options.bottommost_compression = rocksdb::kZSTD;
  options.level_compaction_dynamic_level_bytes = true;
  options.target_file_size_base = 32 * mib;
  // Capped, not fixed: a key shorter than a fixed prefix aborts the process.
  options.prefix_extractor.reset(rocksdb::NewCappedPrefixTransform(keys::prefix_size));
  options.memtable_prefix_bloom_size_ratio = 0.02;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(tables(settings)));
  options.skip_stats_update_on_db_open = true;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;

  if (settings.background == Settings::Background::off) {
    options.disable_auto_compactions = true;
    options.write_buffer_size = 1024 * mib;
    options.db_write_buffer_size = 0;
    options.max_total_wal_size = 4096 * mib;
    options.arena_block_size = mib;
    options.memtable_prefix_bloom_size_ratio = 0;  // would be a share of a gigabyte
    options.avoid_flush_during_recovery = true;
    options.avoid_flush_during_shutdown = true;
  }
  return options;
}

}  // namespace hy::store_rocksdb
