"""Documents as CloudEvents to a message broker: NATS JetStream, Kafka, RabbitMQ."""
