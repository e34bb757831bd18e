// Prints a line for each stroke and each over-pressure of all tools.
import mqtt from 'mqtt'

const env = process.env
const client = mqtt.connect({
  protocolVersion: 5, host: env.LIGHTSTROKE_HOST, port: env.LIGHTSTROKE_PORT,
  username: env.LIGHTSTROKE_USER, password: env.LIGHTSTROKE_PASSWORD
})
client.on('error', error => console.error(error.message))
client.subscribe(['lightstroke/v1/+/+/tool/+/stroke', 'lightstroke/v1/+/+/tool/+/alert'], { qos: 1 })
client.on('message', (topic, payload) => {
  const [tool, kind] = topic.split('/').slice(5)
  const told = JSON.parse(payload)
  const words = kind === 'stroke' ? `${told.peak_N} N, ${told.duration_s} s` : `${told.kind} ${told.phase}`
  console.log(told.time, tool, kind, words)
})
