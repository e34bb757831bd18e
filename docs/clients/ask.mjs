// Lets the tool LIGHTSTROKE_TOOL show itself, and prints the gateway's answer.
import mqtt from 'mqtt'

const { LIGHTSTROKE_HOST: host, LIGHTSTROKE_PORT: port, LIGHTSTROKE_USER: username, LIGHTSTROKE_PASSWORD: password, LIGHTSTROKE_TOOL: tool } = process.env
const client = await mqtt.connectAsync({ protocolVersion: 5, host, port, username, password })
client.on('message', (topic, payload) => {
  console.log(payload.toString())
  client.end()
})
const responseTopic = `answers/${process.pid}`
await client.subscribeAsync(responseTopic, { qos: 1 })
await client.publishAsync(`${tool}/cmd/identify`, '{}', { qos: 1, properties: { responseTopic, correlationData: Buffer.from('1') } })
