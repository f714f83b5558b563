//! Lines of logs, as programs write and read them.

use serde_json::{Value, json};

use crate::client::{ask, start};

fn told(answer: &Value) -> Vec<&str> {
    answer["events"].as_array().unwrap().iter().map(|event| event["message"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn lines_are_read_by_stream_and_time() {
    let (_aws, client) = start().await;
    ask(&client, "logs", "CreateLogGroup", json!({"logGroupName": "g"})).await;
    for (stream, times) in [("copilot/web/a", [10, 30]), ("copilot/web2/b", [20, 40])] {
        let names = json!({"logGroupName": "g", "logStreamName": stream});
        ask(&client, "logs", "CreateLogStream", names.clone()).await;
        let (status, again) = client.json("logs", "CreateLogStream", &names).await;
        assert_eq!((status, &again["__type"]), (400, &json!("ResourceAlreadyExistsException")));
        let events: Vec<Value> =
            times.iter().map(|time| json!({"timestamp": time, "message": time.to_string()})).collect();
        let lines = json!({"logGroupName": "g", "logStreamName": stream, "logEvents": events});
        ask(&client, "logs", "PutLogEvents", lines).await;
    }
    let filter = async |more: Value| {
        let mut asked = json!({"logGroupName": "g"});
        asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        ask(&client, "logs", "FilterLogEvents", asked).await
    };
    let all = filter(json!({})).await;
    assert_eq!(told(&all), ["10", "20", "30", "40"], "in the order of their times");
    assert_ne!(all["events"][0]["eventId"], all["events"][1]["eventId"]);
    assert_eq!(told(&filter(json!({"logStreamNamePrefix": "copilot/web/"})).await), ["10", "30"]);
    assert_eq!(told(&filter(json!({"startTime": 20, "endTime": 30})).await), ["20", "30"]);
    let first = filter(json!({"limit": 3})).await;
    assert_eq!(told(&first).len(), 3);
    assert_eq!(told(&filter(json!({"limit": 3, "nextToken": first["nextToken"]})).await), ["40"]);
    let newest = json!({"logGroupName": "g", "orderBy": "LastEventTime", "descending": true, "limit": 1});
    let streams = ask(&client, "logs", "DescribeLogStreams", newest).await;
    assert_eq!(streams["logStreams"][0]["logStreamName"], "copilot/web2/b");
}
