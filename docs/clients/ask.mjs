// Lets the tool LIGHTSTROKE_TOOL show itself, and prints the gateway's answer.
import mqtt from 'mqtt'

const env = process.env
const client = await mqtt.connectAsync({
  protocolVersion: 5, host: env.LIGHTSTROKE_HOST, port: env.LIGHTSTROKE_PORT,
  username: env.LIGHTSTROKE_USER, password: env.LIGHTSTROKE_PASSWORD
})
client.on('message', (topic, payload) => {
  console.log(payload.toString())
  client.end()
})
const properties = { responseTopic: `answers/${process.pid}`, correlationData: Buffer.from('1') }
await client.subscribeAsync(properties.responseTopic, { qos: 1 })
await client.publishAsync(`${env.LIGHTSTROKE_TOOL}/cmd/identify`, '{}', { qos: 1, properties })
