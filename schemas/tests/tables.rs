//! The tables in `src/rows/*.sql` and the Arrow batches are the same columns.

use arrow::datatypes::{DataType, Field, Fields, TimeUnit};
use blockmill_schemas::rows::{CallType, Relationship, RewardType, TraceType, TransferType};
use blockmill_schemas::{Column, Dataset};

/// A column as the DDL writes it.
#[derive(Debug, PartialEq, Eq)]
struct SqlColumn {
    name: String,
    sql_type: String,
    nullable: bool,
}

/// The columns in the DDL.
fn columns_of(dataset: Dataset) -> Vec<SqlColumn> {
    dataset.columns().into_iter().map(column_of).collect()
}

fn column_of(Column { name, definition, .. }: Column) -> SqlColumn {
    let required = definition.strip_suffix(" NOT NULL");
    let sql_type = required.unwrap_or(&definition).to_owned();
    SqlColumn { name: name.to_owned(), sql_type, nullable: required.is_none() }
}

fn sql_type(field: &Field) -> String {
    match field.data_type() {
        DataType::Boolean => "BOOLEAN".into(),
        DataType::UInt8 => "UTINYINT".into(),
        DataType::UInt32 => "UINTEGER".into(),
        DataType::UInt64 => "UBIGINT".into(),
        DataType::Decimal128(38, 0) => "DECIMAL(38,0)".into(),
        DataType::Timestamp(TimeUnit::Microsecond, None) => "TIMESTAMP".into(),
        DataType::FixedSizeBinary(_) | DataType::Binary => "BLOB".into(),
        DataType::Utf8 if field.name().ends_with("_type") || field.name() == "relationship" => {
            field.name().clone()
        }
        DataType::Utf8 => "VARCHAR".into(),
        DataType::Dictionary(_, item) if **item == DataType::Binary => "BLOB".into(),
        DataType::Dictionary(_, item) if **item == DataType::Utf8 => "VARCHAR".into(),
        DataType::List(item) => format!("{}[]", sql_type(item)),
        DataType::Struct(fields) => format!("STRUCT({})", struct_fields(fields)),
        other => panic!("{} has a type that no table has: {other}", field.name()),
    }
}

fn struct_fields(fields: &Fields) -> String {
    fields.iter().map(|f| format!("{} {}", f.name(), sql_type(f))).collect::<Vec<_>>().join(", ")
}

#[test]
fn tables_and_batches_agree_column_by_column() {
    for dataset in Dataset::ALL {
        let of_batch = |field: &Field| SqlColumn {
            name: field.name().clone(),
            sql_type: sql_type(field),
            nullable: field.is_nullable(),
        };
        let batch: Vec<_> = dataset.arrow_schema().fields().iter().map(|f| of_batch(f)).collect();
        assert_eq!(columns_of(dataset), batch, "{dataset}");
    }
}

#[test]
fn every_table_and_every_column_has_a_comment() {
    for dataset in Dataset::ALL {
        let ddl = dataset.ddl();
        assert!(ddl.contains(&format!("COMMENT ON TABLE {dataset} IS '")), "{dataset}");
        for column in columns_of(dataset) {
            let comment = format!("COMMENT ON COLUMN {dataset}.{} IS '", column.name);
            assert_eq!(ddl.matches(&comment).count(), 1, "{dataset}.{}", column.name);
            let says_null = ddl.lines().any(|line| line.starts_with(&comment) && line.contains("NULL"));
            assert!(says_null || !column.nullable, "{dataset}.{}: what NULL means is not said", column.name);
        }
    }
}

#[test]
fn every_dataset_is_created_only_where_it_is_missing() {
    for dataset in Dataset::ALL {
        let creates = dataset.ddl().matches("CREATE ").count();
        assert_eq!(creates, dataset.ddl().matches(" IF NOT EXISTS ").count(), "{dataset}");
        assert!(dataset.ddl().contains(&format!("CREATE TABLE IF NOT EXISTS {dataset} (")), "{dataset}");
    }
}

#[test]
fn enums_have_the_same_names_in_the_same_order() {
    let names = |all: Vec<&str>| all.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
    let enums = [
        (Dataset::Traces, "trace_type", names(TraceType::ALL.iter().map(|label| label.name()).collect())),
        (Dataset::Traces, "call_type", names(CallType::ALL.iter().map(|label| label.name()).collect())),
        (Dataset::Traces, "reward_type", names(RewardType::ALL.iter().map(|label| label.name()).collect())),
        (
            Dataset::NativeTransfers,
            "transfer_type",
            names(TransferType::ALL.iter().map(|label| label.name()).collect()),
        ),
        (
            Dataset::AddressAppearances,
            "relationship",
            names(Relationship::ALL.iter().map(|label| label.name()).collect()),
        ),
    ];
    for (dataset, name, values) in enums {
        let ddl = dataset
            .ddl()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .replace("( ", "(")
            .replace(" )", ")");
        let statement = format!("CREATE TYPE IF NOT EXISTS {name} AS ENUM ({values});");
        assert!(ddl.contains(&statement), "{statement}");
    }
}

#[test]
fn datasets_are_found_by_their_names() {
    for dataset in Dataset::ALL {
        assert_eq!(Dataset::by_name(dataset.name()), Some(dataset));
        assert!(!dataset.volume().is_empty() && !dataset.made_from().effort().is_empty());
    }
    assert_eq!(Dataset::by_name("uncles"), None);
    assert!(Dataset::ALL.is_sorted());
}
