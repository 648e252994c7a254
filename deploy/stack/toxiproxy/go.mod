module asinstream/toxiproxy

go 1.25

require github.com/Shopify/toxiproxy/v2 v2.5.0
