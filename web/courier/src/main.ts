import './engine/boot'

import { createPinia } from 'pinia'
import { createApp } from 'vue'

import App from './App.vue'
import { startEngine } from './engine'

createApp(App).use(createPinia()).mount('#app')
void startEngine()
