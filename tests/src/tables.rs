//! Records of several customers as Arrow tables, and rows of results as documents.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, BooleanArray, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow_schema::{DataType, Schema};
use serde_json::{Map, Value as Json, json};
use wayfare::arrow::Table;
use wayfare::{Instant, Journey, ValueType};

/// A customer's name and records.
pub type Customer = (String, Vec<Json>);

/// Touchpoints and attribute changes as two tables; the touchpoints in chunks of at most `rows`.
pub fn tables(journey: &Journey, records: &[(&str, &Json)], rows: usize) -> (Table, Table) {
    let (changes, touches): (Vec<_>, Vec<_>) = records.iter().copied().partition(|(_, record)| record.get("set").is_some());
    let fields: Vec<(&str, ValueType)> = [("id", ValueType::Text)].into_iter().chain(journey.touchpoint_fields()).collect();
    let attributes: Vec<(&str, ValueType)> = journey.attributes().collect();
    let ids = [("id", ValueType::Text)];
    let columns: Vec<(&str, ValueType)> = ids.into_iter().chain(attributes).collect();
    let customers = batch(&changes, &columns, |record, name| if name == "id" { &record[name] } else { &record["set"][name] });
    (in_chunks(&touches, &fields, rows), Table::new(customers.schema(), vec![customers]))
}

/// Touchpoints without their ids, in chunks of at most `rows`.
pub fn touchpoints_without_ids(journey: &Journey, touches: &[(&str, &Json)], rows: usize) -> Table {
    in_chunks(touches, &journey.touchpoint_fields().collect::<Vec<_>>(), rows)
}

fn in_chunks(touches: &[(&str, &Json)], fields: &[(&str, ValueType)], rows: usize) -> Table {
    let batches: Vec<RecordBatch> = touches.chunks(rows.max(1)).map(|rows| batch(rows, fields, |record, name| &record[name])).collect();
    let schema = batches.first().map_or_else(|| batch(&[], fields, |record, _| record).schema(), RecordBatch::schema);
    Table::new(schema, batches)
}

fn batch(rows: &[(&str, &Json)], columns: &[(&str, ValueType)], value: impl for<'r> Fn(&'r Json, &str) -> &'r Json) -> RecordBatch {
    let customers: StringArray = rows.iter().map(|(customer, _)| Some(*customer)).collect();
    let at = |record: &Json| record["at"].as_str().map(|text| text.parse::<Instant>().expect("an instant").as_micros());
    let ats = rows.iter().map(|(_, record)| at(record)).collect::<TimestampMicrosecondArray>().with_timezone("UTC");
    let mut all: Vec<(String, ArrayRef)> = vec![("customer".to_owned(), Arc::new(customers)), ("at".to_owned(), Arc::new(ats))];
    for (name, kind) in columns {
        let values = rows.iter().map(|(_, record)| value(record, name));
        let column: ArrayRef = match kind {
            ValueType::Number => Arc::new(values.map(Json::as_f64).collect::<Float64Array>()),
            ValueType::Text => Arc::new(values.map(Json::as_str).collect::<StringArray>()),
            ValueType::Boolean => Arc::new(values.map(Json::as_bool).collect::<BooleanArray>()),
        };
        all.push(((*name).to_owned(), column));
    }
    RecordBatch::try_from_iter_with_nullable(all.into_iter().map(|(name, column)| (name, column, true))).expect("columns of equal length")
}

/// The questions table.
pub fn questions(rows: &[(&str, i64)]) -> Table {
    let customers: StringArray = rows.iter().map(|(customer, _)| Some(*customer)).collect();
    let ats = rows.iter().map(|(_, at)| Some(*at)).collect::<TimestampMicrosecondArray>().with_timezone("UTC");
    let columns: [(&str, ArrayRef); 2] = [("customer", Arc::new(customers)), ("at", Arc::new(ats))];
    let batch = RecordBatch::try_from_iter(columns).expect("columns of equal length");
    Table::new(batch.schema(), vec![batch])
}

/// Every row of a result as a document.
pub fn rows(batch: &RecordBatch) -> Vec<Map<String, Json>> {
    let schema: &Schema = batch.schema_ref();
    let columns = schema.fields().iter().zip(batch.columns());
    (0..batch.num_rows()).map(|row| columns.clone().map(|(field, column)| (field.name().clone(), cell(column, row))).collect()).collect()
}

fn cell(column: &ArrayRef, row: usize) -> Json {
    if column.is_null(row) {
        return Json::Null;
    }
    match column.data_type() {
        DataType::Utf8 => json!(column.as_string::<i32>().value(row)),
        DataType::Float64 => json!(column.as_primitive::<Float64Type>().value(row)),
        DataType::Int64 => json!(column.as_primitive::<Int64Type>().value(row)),
        DataType::Boolean => json!(column.as_boolean().value(row)),
        DataType::Timestamp(..) => {
            let micros = column.as_primitive::<TimestampMicrosecondType>().value(row);
            json!(Instant::from_micros(micros).expect("an instant").to_string())
        }
        other => panic!("a column of {other}"),
    }
}

/// What a view comes to as a row of `run`.
pub fn row_of_view(view: &Json) -> Map<String, Json> {
    let mut row = Map::new();
    for part in ["traits", "scores", "segments"] {
        row.extend(view[part].as_object().expect("a map").clone());
    }
    for (track, stage) in view["stages"].as_object().expect("a map") {
        row.insert(track.clone(), stage["stage"].clone());
        row.insert(format!("{track}_since"), stage["since"].clone());
    }
    row.insert("next_change_at".to_owned(), view["next_change"].get("at").cloned().unwrap_or_default());
    row
}
