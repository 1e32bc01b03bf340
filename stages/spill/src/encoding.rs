//! How a table's columns are written: which have a dictionary, which are written as differences.

use arrow::datatypes::SchemaRef;
use blockmill_schemas::Dataset;
use parquet::arrow::ArrowSchemaConverter;
use parquet::basic::{Compression, Encoding, LogicalType, Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::schema::types::ColumnDescriptor;

/// Rows in a row group of DuckDB: one group of a segment becomes one there.
pub const ROW_GROUP_ROWS: u64 = 122_880;

/// The writer's settings for a table with these columns.
pub(crate) fn properties(dataset: Dataset, schema: &SchemaRef) -> Result<WriterProperties, ParquetError> {
    let leaves = ArrowSchemaConverter::new().convert(schema)?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::LZ4_RAW)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS as usize));
    if dataset == Dataset::Opcodes {
        return Ok(instructions(properties).build());
    }
    let bytes = leaves.columns().iter().filter(|leaf| is_bytes(leaf));
    let plain = |properties: WriterPropertiesBuilder, leaf: &ColumnDescriptor| {
        properties.set_column_dictionary_enabled(leaf.path().clone(), false)
    };
    Ok(bytes.fold(properties, |properties, leaf| plain(properties, leaf)).build())
}

/// Call data, hashes, addresses, decimals: a dictionary of what hardly repeats only costs time.
fn is_bytes(leaf: &ColumnDescriptor) -> bool {
    match leaf.physical_type() {
        Type::FIXED_LEN_BYTE_ARRAY => true,
        Type::BYTE_ARRAY => leaf.logical_type_ref() != Some(&LogicalType::String),
        _ => false,
    }
}

/// Millions of rows, of which every nanosecond counts: what stays the same within a frame is left to LZ4, what goes in small
/// steps is written as differences, and only what DuckDB loads faster from a dictionary has one. Measured per row: a
/// dictionary of numbers takes 8 to 50 ns, plain numbers 2, differences 5 to 12, the smallest and the largest of a column
/// up to 13.
fn instructions(properties: WriterPropertiesBuilder) -> WriterPropertiesBuilder {
    const WITH_DICTIONARY: [&str; 3] = ["address", "op", "error"];
    const IN_SMALL_STEPS: [&str; 3] = ["step", "pc", "gas"];
    let plain = properties.set_statistics_enabled(EnabledStatistics::None).set_dictionary_enabled(false);
    let with_dictionaries = WITH_DICTIONARY
        .into_iter()
        .fold(plain, |properties, name| properties.set_column_dictionary_enabled(name.into(), true));
    IN_SMALL_STEPS.into_iter().fold(with_dictionaries, |properties, name| {
        properties.set_column_encoding(name.into(), Encoding::DELTA_BINARY_PACKED)
    })
}
