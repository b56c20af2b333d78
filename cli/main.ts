#!/usr/bin/env node
import { main } from './run.js';

void main(process.argv.slice(2));
