//! STRUCT columns, as items of lists.

/// Declares the items of a list of structs: the fields in order, each with its column kind and how an item gives it.
macro_rules! record {
    ($(#[$doc:meta])* $column:ident of $item:ty { $($name:ident: $kind:ty = |$value:ident| $get:expr,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Default)]
        pub(crate) struct $column { $($name: $kind,)* }

        impl $column {
            fn fields() -> arrow::datatypes::Fields {
                [$(<$kind as $crate::columns::ColumnBuilder>::fields(stringify!($name)),)*].concat().into()
            }
        }

        impl $crate::columns::Items for $column {
            type Item = $item;

            fn data_type() -> arrow::datatypes::DataType {
                arrow::datatypes::DataType::Struct(Self::fields())
            }

            fn push_item(&mut self, item: &$item) -> usize {
                0 $(+ { let $value = item; $crate::columns::ColumnBuilder::push(&mut self.$name, $get) })*
            }

            fn finish_items(&mut self) -> arrow::array::ArrayRef {
                let arrays = [$($crate::columns::ColumnBuilder::finish(&mut self.$name),)*].concat();
                std::sync::Arc::new(arrow::array::StructArray::new(Self::fields(), arrays, None))
            }
        }
    };
}

pub(crate) use record;
