export { type RabbitMqProps, type RedisSentinelProps, type SqsProps } from '../django-app/celery-broker';
export { CeleryPool } from '../django-app/celery-props';
