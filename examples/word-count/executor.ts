/** The program of the executors: an agent starts it for a framework, and it does what that framework's tasks say. */
import { taskFunction } from 'proffer/framework-api';
import { connectExecutor } from 'proffer/transport/node';
import { doWork, readWork } from './work.js';

await connectExecutor(taskFunction((task) => doWork(readWork(JSON.parse(task.data ?? 'null'))))).ended;
process.exit();
