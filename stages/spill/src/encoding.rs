//! How a table's columns are written: which have a dictionary, which are written as differences.

use arrow::datatypes::{DataType, SchemaRef};
use parquet::arrow::ArrowSchemaConverter;
use parquet::basic::{Compression, Encoding, LogicalType, Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::schema::types::ColumnDescriptor;

/// A row group of DuckDB: one group here becomes one there.
const ROW_GROUP_ROWS: usize = 122_880;

/// The writer's settings for a table with these columns.
pub(crate) fn properties(schema: &SchemaRef) -> Result<WriterProperties, ParquetError> {
    let leaves = ArrowSchemaConverter::new().convert(schema)?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::LZ4_RAW)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS));
    let set = |properties, leaf: &_| set_column(properties, schema, leaf);
    Ok(leaves.columns().iter().map(AsRef::as_ref).fold(properties, set).build())
}

fn set_column(
    properties: WriterPropertiesBuilder,
    schema: &SchemaRef,
    leaf: &ColumnDescriptor,
) -> WriterPropertiesBuilder {
    let path = leaf.path().clone();
    if is_dictionary(schema, leaf) {
        return properties;
    }
    if is_bytes(leaf) {
        return properties.set_column_dictionary_enabled(path, false);
    }
    if is_gradual(schema, leaf) {
        let properties = properties.set_column_dictionary_enabled(path.clone(), false);
        return properties.set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
    }
    properties
}

/// What comes as a dictionary repeats.
fn is_dictionary(schema: &SchemaRef, leaf: &ColumnDescriptor) -> bool {
    let field = leaf.path().parts().first().and_then(|name| schema.field_with_name(name).ok());
    field.is_some_and(|field| matches!(field.data_type(), DataType::Dictionary(_, _)))
}

/// Call data, hashes, addresses, decimals: a dictionary of what hardly repeats only costs time.
fn is_bytes(leaf: &ColumnDescriptor) -> bool {
    match leaf.physical_type() {
        Type::FIXED_LEN_BYTE_ARRAY => true,
        Type::BYTE_ARRAY => leaf.logical_type_ref() != Some(&LogicalType::String),
        _ => false,
    }
}

/// Instructions: millions of rows in which most numbers stay or go in small steps, so that the differences take a few bits,
/// and looking each number up in a dictionary would take most of the time.
fn is_gradual(schema: &SchemaRef, leaf: &ColumnDescriptor) -> bool {
    const NAMES: [&str; 8] =
        ["block_number", "transaction_index", "step", "depth", "trace_index", "pc", "gas", "refund"];
    schema.column_with_name("step").is_some() && NAMES.contains(&leaf.name())
}
